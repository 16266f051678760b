"""What is done about images that are one picture: named, kept in one split, or left out."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgclass.data.dataset.record import PicturePair
from imgclass.data.duplicates.groups import components
from imgclass.data.faults import listing
from imgclass.data.labels.labels import LabelledImage
from imgclass.data.manifest import Sample, Split
from imgclass.data.options import Options

if TYPE_CHECKING:
    from imgclass.data.duplicates.fingerprints import Fingerprint
    from imgclass.data.duplicates.pairs import DuplicatePair

MOST_NAMED = 10_000  # pairs; a film that was cut into frames has millions

Images = Sequence[LabelledImage] | Sequence[Sample | LabelledImage]
Groups = list[Hashable | None]


@dataclass(frozen=True, slots=True)
class Pictures:
    """The images of a plan that are one picture.

    Attributes:
        pairs: Equal files first, then closest first.
        groups: The images of each connected set of pairs.
    """

    pairs: "tuple[DuplicatePair, ...]" = ()
    groups: tuple[tuple[int, ...], ...] = ()


def find_pictures(
    hashes: Sequence[str], prints: "Fingerprint | None", options: Options
) -> Pictures:
    """Find equal files, and near-duplicates where there are fingerprints.

    Args:
        hashes: Of the bytes of each image.
        prints: Their fingerprints; None where images were not decoded.
        options: How to organize.
    """
    if options.duplicates == "off" or len(hashes) <= 1:
        return Pictures()
    if prints is None and len(set(hashes)) == len(hashes):
        return Pictures()
    from imgclass.data.duplicates.pairs import find_duplicates  # NumPy

    found = find_duplicates(prints, hashes=hashes)
    return Pictures(found.pairs, found.groups)


def repeats(pictures: Pictures, images: Images) -> dict[int, int]:
    """Return the images whose bytes and label an earlier one has, each with that one.

    An equal file with another label is no mere repetition: one of the two labels is an error.
    """
    first: dict[tuple[int, str], int] = {}
    found = {}
    for pair in pictures.pairs:
        if pair.is_exact:
            first.setdefault((pair.a, images[pair.a].label), pair.a)
            kept = first.setdefault((pair.a, images[pair.b].label), pair.b)
            if kept != pair.b:
                found[pair.b] = kept
    return found


def joined(groups: Sequence[Hashable | None], pictures: Pictures) -> Groups:
    """Return the groups that the user's and those of one picture make together.

    Args:
        groups: The user's group of each image; None for an image on its own.
        pictures: What was found among them.

    Example:
        >>> joined(["a", "a", None, None, "b"], Pictures(groups=((1, 2),)))
        [0, 0, 0, None, None]
    """
    first: dict[Hashable, int] = {}
    pairs = [
        (first.setdefault(group, index), index)
        for index, group in enumerate(groups)
        if group is not None
    ]
    pairs += [(group[0], index) for group in pictures.groups for index in group[1:]]
    found: Groups = [None] * len(groups)
    for together in components(pair for pair in pairs if pair[0] != pair[1]):
        for index in together:
            found[index] = together[0]
    return found


def named(pictures: Pictures, images: Images) -> tuple[PicturePair, ...]:
    """Return the pairs by their files, those with two labels first, at most `MOST_NAMED`."""
    pairs = [
        PicturePair(
            a=images[pair.a].source,
            b=images[pair.b].source,
            labels=(images[pair.a].label, images[pair.b].label),
            distance=pair.distance,
            is_exact=pair.is_exact,
            is_mirrored=pair.is_mirrored,
        )
        for pair in pictures.pairs
    ]
    return tuple(sorted(pairs, key=lambda pair: not pair.is_conflict)[:MOST_NAMED])


def describe(pictures: Pictures, splits: Sequence[Split | None], options: Options) -> Iterator[str]:
    """Say what was found, and what became of it.

    Args:
        pictures: What was found among some images.
        splits: Of these images; None where one was left out.
        options: How they are organized.
    """
    if options.duplicates != "off" and not options.compares_pictures:
        yield "Only equal files were looked for; near-duplicates need --check-images full."
    if pictures.groups:
        images = sum(len(group) for group in pictures.groups)
        straddling = sum(
            len({splits[index] for index in group} - {None}) > 1 for group in pictures.groups
        )
        became = "each is in one split."
        if straddling:
            became = f"{straddling:,} are in several splits (--duplicates group keeps them in one)."
        yield f"{images:,} images show {len(pictures.groups):,} pictures; {became}"


def describe_conflicts(pairs: Sequence[PicturePair]) -> Iterator[str]:
    """Name the pairs with two labels."""
    if conflicts := [pair for pair in pairs if pair.is_conflict]:
        names = [f"{p.a} ({p.labels[0]}) and {p.b} ({p.labels[1]})" for p in conflicts]
        yield f"Pairs of one picture with two labels, possible label errors: {listing(names)}."
