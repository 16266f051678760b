"""The course of organizing: look, plan, build, publish; or find that it is done already."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imgclass.data import building, moving
from imgclass.data.difference import describe_difference
from imgclass.data.fs import FileSystem
from imgclass.data.inspection import Inspection
from imgclass.data.labels import Labels
from imgclass.data.manifest import Split, read_manifest
from imgclass.data.organized import read_record
from imgclass.data.place import Place, is_organized
from imgclass.data.planning import Plan, plan_dataset, sample_path
from imgclass.data.record import LINKS, MANIFEST, Options, file_sha256, make_record
from imgclass.data.split import SplitRule, split_images
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
    def rule(self) -> SplitRule:
        """Sizes of the splits, and the seed."""
        options = self.options
        return SplitRule(val=options.val, test=options.test, seed=options.seed)

    @property
    def moved_from(self) -> str | None:
        """The folder of images, where they leave it."""
        return self.place.images if self.options.transfer == "move" else None


def plan(request: Request, steps: Steps) -> Plan:
    """Look at every image and plan a data set; nothing is written."""
    work = Work(request.place, request.files, steps)
    labels = request.read_labels()
    _first_splits(request, labels)
    steps.total = len(labels.rows)
    inspections = _inspect(request, labels, [None] * len(labels.rows), work)
    return plan_dataset(labels, inspections, request.rule)


def organize(request: Request, steps: Steps) -> Plan:
    """Make a data set where there is none."""
    labels = request.read_labels()
    first = _first_splits(request, labels)
    with building.workplace(Work(request.place, request.files, steps)) as work:
        if is_organized(request.place, request.files):
            raise UnsafeError(f"Another run made {request.place.root!r} just now. Run again.")
        building.make_tree(work, labels.class_names)
        make = _link if request.options.transfer in LINKS else _copy
        made = make(request, labels, first, work)
        building.remove_classes(work, set(labels.class_names) - set(made.manifest.class_names))
        building.publish(work)
        if request.moved_from is not None:
            moving.remove_sources(work, made.manifest)
    return made


def _link(request: Request, labels: Labels, _: Sequence[Split], work: Work) -> Plan:
    """Look at every image, plan, and link by the plan."""
    work.steps.total = 2 * len(labels.rows)
    building.probe(work, labels.rows[0].source, request.options.transfer)
    inspections = _inspect(request, labels, [None] * len(labels.rows), work)
    made = _plan(request, labels, inspections, work)
    building.link_images(work, made.manifest, request.options.transfer)
    return made


def _copy(request: Request, labels: Labels, first: Sequence[Split], work: Work) -> Plan:
    """Copy every image while looking at it, plan, and put right what the plan has elsewhere."""
    work.steps.total = (1 if request.moved_from is None else 2) * len(labels.rows)
    copies = [
        f"{work.place.tree}/{sample_path(row, split)}"
        for row, split in zip(labels.rows, first, strict=True)
    ]
    inspections = _inspect(request, labels, copies, work)
    if request.moved_from is not None:
        moving.require_single_names(labels.rows, inspections)
    made = _plan(request, labels, inspections, work)
    sources = [row.source for row in labels.rows]
    building.arrange(work, dict(zip(sources, copies, strict=True)), made.manifest)
    return made


def _plan(request: Request, labels: Labels, inspections: Sequence[Inspection], work: Work) -> Plan:
    """Plan, and write down the plan before it is carried out."""
    made = plan_dataset(labels, inspections, request.rule)
    record = make_record(
        made.manifest, request.options, file_sha256(request.labels), request.moved_from
    )
    building.write_records(work, made, record)
    return made


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


def _first_splits(request: Request, labels: Labels) -> tuple[Split, ...]:
    """Split as if every image were sound: sizes that cannot be are refused before any is read."""
    return split_images([(row.source, row.label) for row in labels.rows], request.rule).splits


def _inspect(
    request: Request, labels: Labels, copies: Sequence[str | None], work: Work
) -> list[Inspection]:
    images, check = request.place.images, request.options.check_images
    arguments = [
        (f"{images}/{row.source}", copy, check)
        for row, copy in zip(labels.rows, copies, strict=True)
    ]
    return [Inspection(*values) for values in work.run("inspect", arguments)]
