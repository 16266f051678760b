"""Bringing images into the tree that is being built, from where an interrupted run had come to."""

from collections.abc import Sequence

from imgclass.data.inspection import Errand, Inspection, Way, inspect
from imgclass.data.labels.reading import LabelledImage
from imgclass.data.options import Check, Options
from imgclass.data.organizing.building import make_tree
from imgclass.data.organizing.journal import kept_journal, trusted
from imgclass.data.organizing.work import Work


def look_at(work: Work, rows: Sequence[LabelledImage], check: Check) -> list[Inspection]:
    """Inspect images and write nothing."""
    way = Way(work.place.images, "", "copy", check)
    errands = [Errand(row.source, None) for row in rows]
    return [Inspection(*found) for found in work.run(inspect, errands, common=way)]


def bring(
    work: Work, rows: Sequence[LabelledImage], places: Sequence[str], options: Options
) -> list[Inspection]:
    """Inspect images and make the copy or link of each sound one.

    Args:
        work: Where.
        rows: The images.
        places: Where the copy or link of each will be, relative to the tree.
        options: How they come there, and how closely they are looked at.
    """
    way = Way(work.place.images, work.place.tree, options.transfer, options.check_images)
    errands = [Errand(row.source, place) for row, place in zip(rows, places, strict=True)]
    found = trusted(work, way, errands)
    class_names = sorted({row.label for row in rows})
    make_tree(work, class_names, keep={f"{way.tree}/{places[index]}" for index in found})
    left = {index: errand for index, errand in enumerate(errands) if index not in found}
    with kept_journal(work, way.check) as journal:
        results = work.run(inspect, list(left.values()), common=way)
        for (index, errand), values in zip(left.items(), results, strict=True):
            found[index] = Inspection(*values)
            journal.add(errand.source, found[index])
    return [found[index] for index in range(len(errands))]
