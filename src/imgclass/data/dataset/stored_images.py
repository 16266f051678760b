"""What to say of how images are stored: bits that do not fit, and pictures that are not used."""

from collections.abc import Iterable, Iterator

from imgclass.data.inspection import Inspection
from imgclass.formatting import count

BITS = 8  # of a sample of what a model sees


def storage_notices(found: Iterable[Inspection]) -> Iterator[str]:
    """Yield a sentence if images have more than 8 bits a sample, and one if some hold several.

    Example:
        >>> list(storage_notices([Inspection(depth=16), Inspection()]))
        ['1 image has more than 8 bits a sample; it is scaled to 8.']
    """
    inspected = list(found)
    if deep := sum(one.depth > BITS for one in inspected):
        has, them = ("has", "it is") if deep == 1 else ("have", "they are")
        images = count(deep, "image")
        yield f"{images} {has} more than {BITS} bits a sample; {them} scaled to {BITS}."
    if several := sum(one.has_pages for one in inspected):
        holds = "holds" if several == 1 else "hold"
        yield (
            f"{count(several, 'image file')} {holds} several pictures, of which the first is used."
        )
