"""Bringing images into the tree that is being built, from where an interrupted run had come to."""

from collections.abc import Sequence

from imgclass.data.building import make_tree
from imgclass.data.inspection import Errand, Inspection
from imgclass.data.journal import kept_journal, trusted
from imgclass.data.labels import LabelledImage
from imgclass.data.options import Check, Options
from imgclass.data.work import Work


def look_at(work: Work, rows: Sequence[LabelledImage], check: Check) -> list[Inspection]:
    """Inspect images and write nothing."""
    images = work.place.images
    errands = [Errand(f"{images}/{row.source}", None, "copy", check) for row in rows]
    return [Inspection(*found) for found in work.run("inspect", errands)]


def bring(
    work: Work, rows: Sequence[LabelledImage], targets: Sequence[str], options: Options
) -> list[Inspection]:
    """Inspect images and make the copy or link of each sound one.

    Args:
        work: Where.
        rows: The images.
        targets: Where the copy or link of each will be, in the tree.
        options: How they come there, and how closely they are looked at.
    """
    images = work.place.images
    errands = [
        Errand(f"{images}/{row.source}", target, options.transfer, options.check_images)
        for row, target in zip(rows, targets, strict=True)
    ]
    found = trusted(work, errands)
    class_names = sorted({row.label for row in rows})
    make_tree(work, class_names, keep={targets[index] for index in found})
    left = {index: errand for index, errand in enumerate(errands) if index not in found}
    with kept_journal(work) as journal:
        results = work.run("inspect", list(left.values()))
        for (index, errand), values in zip(left.items(), results, strict=True):
            found[index] = Inspection(*values)
            journal.add(errand, found[index])
    return [found[index] for index in range(len(errands))]
