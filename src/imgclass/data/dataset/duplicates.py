"""What is done about images of one picture: named, kept in one split, or left out."""

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

from imgclass.data.dataset.record import PicturePair, Repeated
from imgclass.data.duplicates.groups import components
from imgclass.data.duplicates.pairs import Duplicates
from imgclass.data.duplicates.search import find_duplicates
from imgclass.data.faults import listing
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.manifest import Sample, Split
from imgclass.data.options import Options

if TYPE_CHECKING:
    from imgclass.data.duplicates.fingerprints import Fingerprint

MOST_NAMED = 10_000  # pairs; a film that was cut into frames has millions

Images = Sequence[LabelledImage] | Sequence[Sample | LabelledImage]


def duplicates_among(
    hashes: Sequence[str], fingerprints: "Fingerprint | None", options: Options
) -> Duplicates:
    """Find equal files, and near-duplicates if there are fingerprints."""
    if options.duplicates == "off" or len(hashes) <= 1:
        return Duplicates()
    return find_duplicates(fingerprints, hashes=hashes)


def find_repeated(duplicates: Duplicates, images: Images, options: Options) -> dict[int, Repeated]:
    """Return the images to leave out, by index, because an earlier one has their bytes and label.

    With another label, one of the two is an error: both stay.
    """
    if options.duplicates != "drop":
        return {}
    first: dict[tuple[int, str], int] = {}
    found = {}
    for pair in duplicates.pairs:
        if pair.is_exact:
            first.setdefault((pair.a, images[pair.a].label), pair.a)
            kept = first.setdefault((pair.a, images[pair.b].label), pair.b)
            if kept != pair.b:
                image = images[pair.b]
                found[pair.b] = Repeated(image.source, image.label, images[kept].source)
    return found


def joined_groups(
    groups: Sequence[Hashable | None], duplicates: Duplicates
) -> list[Hashable | None]:
    """Return the groups that the user's groups and the duplicates form together.

    Example:
        >>> joined_groups(["a", "a", None, None, "b"], Duplicates((), ((1, 2),)))
        [0, 0, 0, None, None]
    """
    first: dict[Hashable, int] = {}
    pairs = [
        (first.setdefault(group, index), index)
        for index, group in enumerate(groups)
        if group is not None
    ]
    pairs += [(group[0], index) for group in duplicates.groups for index in group[1:]]
    found: list[Hashable | None] = [None] * len(groups)
    for together in components(pair for pair in pairs if pair[0] != pair[1]):
        for index in together:
            found[index] = together[0]
    return found


def named_pairs(duplicates: Duplicates, images: Images) -> tuple[PicturePair, ...]:
    """Return the pairs with their files, label conflicts first, at most `MOST_NAMED`."""
    pairs = [
        PicturePair(
            a=images[pair.a].source,
            b=images[pair.b].source,
            labels=(images[pair.a].label, images[pair.b].label),
            distance=pair.distance,
            is_exact=pair.is_exact,
            is_mirrored=pair.is_mirrored,
        )
        for pair in duplicates.pairs
    ]
    return tuple(sorted(pairs, key=lambda pair: not pair.is_conflict)[:MOST_NAMED])


def describe(
    duplicates: Duplicates, splits: Sequence[Split | None], options: Options
) -> Iterator[str]:
    """Say what was found and what became of it; an image without a split was left out."""
    if options.duplicates != "off" and not options.compares_pictures:
        yield "Only equal files were looked for; near-duplicates need --check-images full."
    if duplicates.groups:
        images = sum(len(group) for group in duplicates.groups)
        straddling = sum(
            len({splits[index] for index in group} - {None}) > 1 for group in duplicates.groups
        )
        became = "each is in one split."
        if straddling:
            why = "--duplicates group keeps them in one"
            if options.keeps_pictures_together:
                why = "as the splits were given"
            became = f"{straddling:,} are in several splits ({why})."
        yield f"{images:,} images show {len(duplicates.groups):,} pictures; {became}"


def describe_conflicts(pairs: Sequence[PicturePair]) -> Iterator[str]:
    """Name the pairs with two labels."""
    if conflicts := [pair for pair in pairs if pair.is_conflict]:
        names = [f"{p.a} ({p.labels[0]}) and {p.b} ({p.labels[1]})" for p in conflicts]
        yield f"Pairs of one picture with two labels, possible label errors: {listing(names)}."
