"""Bringing images into the tree that is being built, from where an interrupted run had come to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from imgclass.data.inspection import Errand, Inspection, Way, inspect
from imgclass.data.labels.labels import LabelledImage
from imgclass.data.options import Options
from imgclass.data.organize.building import make_tree
from imgclass.data.organize.journal import kept_journal, trusted
from imgclass.data.organize.looks import Looks, require_readable
from imgclass.data.organize.work import Work

if TYPE_CHECKING:
    from imgclass.data.duplicates.fingerprint_table import Prints


def look_at(work: Work, sources: Sequence[str], options: Options) -> Looks:
    """Inspect images as closely as the options say and write nothing."""
    way = Way(work.place.images, "", "copy", options.check_images, options.compares_pictures)
    return look(work, way, sources)


def look(work: Work, way: Way, sources: Sequence[str]) -> Looks:
    """Inspect the images of `way` and write nothing."""
    prints = _prints(way, len(sources))
    found = _inspected(work, way, [Errand(source, None) for source in sources])
    return Looks(list(_without_prints(found, range(len(sources)), prints)), prints)


def bring(
    work: Work, rows: Sequence[LabelledImage], places: Sequence[str], options: Options
) -> Looks:
    """Inspect images and make the copy or link of each sound one.

    Args:
        work: Where.
        rows: The images.
        places: Where the copy or link of each will be, relative to the tree.
        options: How they come there, and how closely they are looked at.
    """
    way = Way(
        work.place.images,
        work.place.tree,
        options.transfer,
        options.check_images,
        options.compares_pictures,
    )
    errands = [Errand(row.source, place) for row, place in zip(rows, places, strict=True)]
    prints = _prints(way, len(rows))
    found = trusted(work, way, errands)
    if prints is not None:
        _look_again(work, way, {index: errands[index] for index in found}, prints)
    class_names = sorted({row.label for row in rows})
    make_tree(work, class_names, keep={f"{way.tree}/{places[index]}" for index in found})
    left = {index: errand for index, errand in enumerate(errands) if index not in found}
    with kept_journal(work, way.check) as journal:
        results = _without_prints(_inspected(work, way, list(left.values())), left, prints)
        for (index, errand), inspection in zip(left.items(), results, strict=True):
            found[index] = inspection
            journal.add(errand.source, inspection)
    return Looks([found[index] for index in range(len(errands))], prints)


def _prints(way: Way, count: int) -> "Prints | None":
    if not way.compares:
        return None
    from imgclass.data.duplicates.fingerprint_table import Prints  # NumPy

    return Prints(count)


def _look_again(work: Work, way: Way, errands: Mapping[int, Errand], prints: "Prints") -> None:
    """Find the fingerprints of images that an earlier run brought: its journal has none of them.

    With them it would be as long as small images are themselves.
    """
    work.steps.total += len(errands)
    linked = way.transfer == "symlink"
    again = way._replace(images=way.images if linked else way.tree, transfer="copy")
    paths = [item.source if linked else str(item.place) for item in errands.values()]
    found = _inspected(work, again, [Errand(path, None) for path in paths])
    require_readable(paths, _without_prints(found, errands, prints))


def _inspected(work: Work, way: Way, errands: Sequence[Errand]) -> Iterator[Inspection]:
    results: Iterator[Sequence[Any]] = work.run(inspect, errands, common=way)
    for values in results:
        yield Inspection(*values)


def _without_prints(
    inspections: Iterable[Inspection], indices: Iterable[int], prints: "Prints | None"
) -> Iterator[Inspection]:
    """Yield inspections, their fingerprints laid down in `prints` at their indices."""
    if prints is None:
        yield from inspections
        return
    for index, found in zip(indices, inspections, strict=True):
        prints.keep(index, found.fingerprint)
        yield found._replace(fingerprint="")
