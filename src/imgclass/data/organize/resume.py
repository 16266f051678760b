"""Completing a data set that is there already: it must be the one asked for."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

from imgclass.data.dataset.organized import read_dataset
from imgclass.data.dataset.record import file_sha256
from imgclass.data.faults import listing
from imgclass.data.manifest import Manifest
from imgclass.data.options import Options
from imgclass.data.organize.move import remove_sources
from imgclass.data.organize.plan import Plan
from imgclass.data.organize.publish import finish_update
from imgclass.data.organize.workspace import PathLike, Workspace
from imgclass.errors import UnsafeError


def resume(space: Workspace, labels: PathLike, options: Options, plan: Callable[[], Plan]) -> None:
    """Compare the data set with the plan of what is asked for, and finish what was interrupted."""
    finish_update(space)
    record, manifest = read_dataset(Path(space.root))
    moves = options.transfer == "move"
    differences = list(option_differences(record.options, options))
    if moves and record.moved_from == space.images:
        # The images have left their folder, so there is nothing to plan with.
        if record.labels_sha256 != file_sha256(labels):
            differences.append("the CSV of labels has changed")
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


def manifest_differences(old: Manifest, new: Manifest) -> Iterator[str]:
    """Yield what differs between two manifests, one clause each."""
    before = {sample.source: sample for sample in old.samples}
    after = {sample.source: sample for sample in new.samples}
    common = [source for source in after if source in before]
    kinds = {
        "are new": [source for source in after if source not in before],
        "are gone": [source for source in before if source not in after],
        "have other bytes": [s for s in common if before[s].sha256 != after[s].sha256],
        "have another label": [s for s in common if before[s].label != after[s].label],
        "would change their split": [s for s in common if before[s].split != after[s].split],
    }
    for kind, sources in kinds.items():
        if sources:
            yield f"{len(sources)} images {kind} ({listing(sources)})"
    if not any(kinds.values()) and old != new:
        yield "the images are the same, in another order or of another recorded size"
