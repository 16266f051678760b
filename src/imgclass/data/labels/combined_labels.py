"""Labels that look like several at once: `cat dog`, `cat;dog`."""

from collections import Counter
from collections.abc import Collection, Iterator

from imgclass.data.faults import listing

SEPARATORS = ("|", ";", ",", " ")
LARGEST_SHARE = 0.5  # of the labels with a separator that may have a part of their own


def combination_notices(labels: Collection[str]) -> Iterator[str]:
    """Yield a sentence if many of the distinct labels are made of parts that others have, too.

    The names of species are not: in `Quercus robur` and `Quercus rubra` one part is each one's own.

    Example:
        >>> list(combination_notices(["cat", "dog", "cat dog"]))
        ["1 label looks like several in one cell ('cat dog'); ..."]
        >>> list(combination_notices(["Quercus robur", "Quercus rubra", "Fagus sylvatica"]))
        []
    """
    for separator in SEPARATORS:
        parts = {label: _parts(label, separator) for label in labels}
        joined = sorted(label for label, found in parts.items() if len(found) > 1)
        uses = Counter(part for found in parts.values() for part in found)
        combined = [label for label in joined if all(uses[part] > 1 for part in parts[label])]
        # In `red car`, `blue car`, `red shirt`, `blue shirt` the space is no separator of labels.
        is_phrase = separator == " " and len({len(found) for found in parts.values()}) == 1
        if combined and not is_phrase and len(combined) > LARGEST_SHARE * len(joined):
            number = len(combined)
            looks = "label looks" if number == 1 else "labels look"
            yield (
                f"{number:,} {looks} like several in one cell ({listing(combined)}); an image has "
                f"one class, so each combination counts as a class of its own."
            )
            return


def _parts(label: str, separator: str) -> frozenset[str]:
    return frozenset(filter(None, map(str.strip, label.split(separator))))
