"""The course of organizing: look, plan, build, publish; or find that it is done already."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imgclass.data import building, moving
from imgclass.data.difference import describe_difference
from imgclass.data.fs import FileSystem
from imgclass.data.inspection import Errand, Inspection
from imgclass.data.journal import kept_journal, trusted
from imgclass.data.labels import Labels
from imgclass.data.manifest import read_manifest
from imgclass.data.options import Options
from imgclass.data.organized import read_record
from imgclass.data.place import Place, is_organized
from imgclass.data.planning import Plan, plan_dataset, sample_path, split_rows
from imgclass.data.record import MANIFEST, DatasetRecord, file_sha256, make_record
from imgclass.data.steps import Steps
from imgclass.data.work import Work
from imgclass.errors import InterruptedRunError, MachineError, UnsafeError


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asked for.

    Attributes:
        labels: Path of the CSV of labels.
        place: Where images come from and the data set goes.
        options: What decides the data set's content.
        read_labels: Matches rows and files.
        files: The file system.
    """

    labels: str
    place: Place
    options: Options
    read_labels: Callable[[], Labels]
    files: FileSystem

    @property
    def moved_from(self) -> str | None:
        """The folder of images, where they leave it."""
        return self.place.images if self.options.transfer == "move" else None


def plan(request: Request, steps: Steps) -> Plan:
    """Look at every image and plan a data set; nothing is written."""
    work = Work(request.place, request.files, steps)
    labels = request.read_labels()
    first = split_rows(labels.rows, request.options)
    errands = _errands(request, labels, [None] * len(labels.rows))
    steps.total = len(errands)
    inspections = [Inspection(*found) for found in work.run("inspect", errands)]
    return plan_dataset(labels, inspections, request.options, first)


def organize(request: Request, steps: Steps) -> Plan:
    """Make a data set where there is none."""
    labels = request.read_labels()
    # As if every image were sound: sizes that cannot be are refused before anything is written.
    first = split_rows(labels.rows, request.options)
    with building.workplace(Work(request.place, request.files, steps)) as work:
        if is_organized(request.place, request.files):
            raise UnsafeError(f"Another run made {request.place.root!r} just now. Run again.")
        tree = request.place.tree
        targets = {
            row.source: f"{tree}/{sample_path(row, split)}"
            for row, split in zip(labels.rows, first.splits, strict=True)
        }
        steps.total = len(targets) * (1 if request.moved_from is None else 2)
        building.probe(work, labels.rows[0].source, request.options.transfer)
        inspections = _bring(request, labels, list(targets.values()), work)
        if request.moved_from is not None:
            moving.require_single_names(labels.rows, inspections)
        made = plan_dataset(labels, inspections, request.options, first)
        building.write_records(work, made, _record(request, made))
        building.arrange(work, targets, made.manifest)
        building.remove_classes(work, set(labels.class_names) - set(made.manifest.class_names))
        building.publish(work)
        if request.moved_from is not None:
            moving.remove_sources(work, made.manifest)
    return made


def _bring(
    request: Request, labels: Labels, targets: Sequence[str], work: Work
) -> list[Inspection]:
    """Inspect every image and bring it to its target, going on from what an earlier run did."""
    errands = _errands(request, labels, targets)
    found = trusted(work, errands)
    building.make_tree(work, labels.class_names, keep={targets[index] for index in found})
    open_errands = {index: errand for index, errand in enumerate(errands) if index not in found}
    with kept_journal(work) as journal:
        results = work.run("inspect", list(open_errands.values()))
        for (index, errand), values in zip(open_errands.items(), results, strict=True):
            found[index] = Inspection(*values)
            journal.add(errand, found[index])
    return [found[index] for index in range(len(errands))]


def finish(request: Request, steps: Steps) -> None:
    """Hold a data set that is there against what is asked for, and end what was interrupted.

    Raises:
        UnsafeError: It is another plan's.
    """
    work = Work(request.place, request.files, steps)
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
            f"{'; '.join(differences)}. Nothing was changed. Organize into a new folder."
        )
    if work.files.status(work.place.work) is not None:
        with building.workplace(work) as work:
            if request.moved_from is not None:
                steps.total += len(manifest.samples)
                moving.remove_sources(work, manifest)


@contextmanager
def explained(place: Place) -> Iterator[None]:
    """Say of an interruption or a failing machine what stands, and how to go on."""
    stands = (
        f"No image was lost: each is in {place.images} or, whole, in {place.root}. "
        "The same command goes on from here."
    )
    try:
        yield
    except InterruptedRunError as error:
        raise InterruptedRunError(f"{error} {stands}") from error
    except MachineError:
        raise
    except OSError as error:
        raise MachineError(
            f"Expected the machine to go along; received: {error}. {stands}"
        ) from error


def _errands(request: Request, labels: Labels, targets: Sequence[str | None]) -> list[Errand]:
    images, options = request.place.images, request.options
    return [
        Errand(f"{images}/{row.source}", target, options.transfer, options.check_images)
        for row, target in zip(labels.rows, targets, strict=True)
    ]


def _record(request: Request, made: Plan) -> DatasetRecord:
    labels = file_sha256(request.labels)
    return make_record(made.manifest, request.options, labels, request.moved_from)
