"""Completing a data set that is there already: it must be the one asked for."""

from collections.abc import Callable, Container, Iterator
from dataclasses import fields
from pathlib import Path

from imgclass.data.dataset.differences import manifest_differences
from imgclass.data.dataset.organized import read_dataset
from imgclass.data.dataset.plan import Plan
from imgclass.data.options import Options
from imgclass.data.organize.move import remove_sources
from imgclass.data.organize.publish import finish_update
from imgclass.data.organize.workspace import Workspace
from imgclass.errors import UnsafeError


def resume(
    space: Workspace,
    labels_sha256: Callable[[], Container[str]],
    options: Options,
    plan: Callable[[], Plan],
) -> None:
    """Compare the data set with the plan of what is asked for, and finish what was interrupted."""
    finish_update(space)
    record, manifest = read_dataset(Path(space.root))
    moves = options.transfer == "move"
    differences = list(option_differences(record.options, options))
    if moves and record.moved_from == space.images:
        # The images have left their folder, so there is nothing to plan with.
        if record.labels_sha256 not in labels_sha256():
            differences.append("the labels have changed")
    else:
        differences += manifest_differences(manifest, plan().manifest)
    if differences:
        raise UnsafeError(
            f"Expected the plan by which {space.root!r} was organized; received another one: "
            f"{'; '.join(differences)}. Nothing was changed. Organize into a new folder, or add "
            "what is new (--update)."
        )
    if space.files.status(space.stage) is not None:
        with space.locked() as locked:
            if moves:
                space.steps.total += len(manifest.samples)
                remove_sources(locked, manifest.samples)


def option_differences(old: Options, new: Options) -> Iterator[str]:
    """Yield the options that differ, one clause each."""
    for item in fields(Options):
        before, after = getattr(old, item.name), getattr(new, item.name)
        if before != after:
            yield f"{item.name} was {before!r} and is {after!r}"
