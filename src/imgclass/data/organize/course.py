"""The course of organizing: look, plan, build, publish; or find that it is done already."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imgclass.data.dataset.organized import read_record
from imgclass.data.dataset.record import MANIFEST, file_sha256, make_record
from imgclass.data.labels.labels import Labels
from imgclass.data.manifest import read_manifest
from imgclass.data.options import Options
from imgclass.data.organize import building, merging, moving
from imgclass.data.organize.bringing import bring, look_at
from imgclass.data.organize.difference import describe_difference
from imgclass.data.organize.place import Place, is_organized
from imgclass.data.organize.planning import Plan, draft_dataset, plan_dataset
from imgclass.data.organize.work import Work
from imgclass.errors import UnsafeError
from imgclass.io.fs import FileSystem
from imgclass.io.workers.progress import Steps


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asked for.

    Attributes:
        labels: Path of the CSV of labels.
        place: Where images come from and the data set goes.
        options: What decides the data set's content.
        read_labels: Matches rows and files; takes `known`, the files that a data set holds.
        files: The file system.
    """

    labels: str
    place: Place
    options: Options
    read_labels: Callable[..., Labels]
    files: FileSystem

    @property
    def moved_from(self) -> str | None:
        """The folder of images, where they leave it."""
        return self.place.images if self.options.transfer == "move" else None


def plan(request: Request, steps: Steps) -> Plan:
    """Look at every image and plan a data set; nothing is written."""
    labels = request.read_labels()
    draft = draft_dataset(labels.rows, request.options)
    steps.total = len(labels.rows)
    work = Work(request.place, request.files, steps)
    looks = look_at(work, [row.source for row in labels.rows], request.options)
    return plan_dataset(labels, looks, request.options, draft)


def organize(request: Request, steps: Steps) -> Plan:
    """Make a data set where there is none."""
    place, options = request.place, request.options
    labels = request.read_labels()
    # As if every image were sound and a picture of its own: sizes that cannot be are refused
    # before anything is written.
    draft = draft_dataset(labels.rows, options)
    with building.workplace(Work(place, request.files, steps)) as work:
        if is_organized(place, request.files):
            raise UnsafeError(f"Another run made {place.root!r} just now. Run again.")
        building.probe(work, labels.rows[0].source, options.transfer)
        steps.total = len(labels.rows) * (1 if request.moved_from is None else 2)
        looks = bring(work, labels.rows, draft.places, options)
        if request.moved_from is not None:
            moving.require_single_names(labels.rows, looks.inspections)
        made = plan_dataset(labels, looks, options, draft)
        record = make_record(
            made.manifest,
            options,
            labels_sha256=file_sha256(request.labels),
            moved_from=request.moved_from,
        )
        building.write_records(work, made, record)
        sources = (row.source for row in labels.rows)
        places = dict(zip(sources, draft.places, strict=True))
        building.arrange(work, places, made.manifest.samples, made.left_out.repeated)
        building.remove_classes(work, set(labels.class_names) - set(made.manifest.class_names))
        building.publish(work)
        if request.moved_from is not None:
            moving.remove_sources(work, made.manifest)
    return made


def finish(request: Request, steps: Steps) -> None:
    """Hold a data set that is there against what is asked for, and end what was interrupted.

    Raises:
        UnsafeError: It is another plan's.
    """
    work = Work(request.place, request.files, steps)
    merging.finish_update(work)
    root = Path(request.place.root)
    record = read_record(root)
    manifest = read_manifest(root / MANIFEST, record.class_names)
    differences = []
    if request.moved_from is not None and request.moved_from == record.moved_from:
        # The images are here and no longer there: what is asked for is compared, not its outcome.
        expected = manifest
        if record.labels_sha256 != file_sha256(request.labels):
            differences.append("the CSV of labels has changed")
    else:
        expected = plan(request, steps).manifest
    differences += describe_difference((record.options, manifest), (request.options, expected))
    if differences:
        raise UnsafeError(
            f"Expected the plan by which {str(root)!r} was organized; received another one: "
            f"{'; '.join(differences)}. Nothing was changed. Organize into a new folder, or add "
            "what is new (--update)."
        )
    if work.files.status(work.place.work) is not None:
        with building.workplace(work) as work:
            if request.moved_from is not None:
                steps.total += len(manifest.samples)
                moving.remove_sources(work, manifest)
