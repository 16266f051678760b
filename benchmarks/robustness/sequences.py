"""Random adding, removing and organizing again: no image in two splits, no group torn apart."""

import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from benchmarks import crash_harness
from benchmarks.robustness.homes import listing, ppm
from benchmarks.robustness.trials import Row, require
from imgclass.data.folder import ImageFolder
from imgclass.data.fs import FileSystem
from imgclass.data.organizer import DatasetOrganizer
from imgclass.errors import InterruptedRunError, UnsafeError

SEQUENCES = 500
SHORT_SEQUENCES = 40
STEPS = 12
LABELS = ("ant", "bee", "cow")
FEWEST = 5  # images of a class: with fewer, groups may leave a split without it


class Desk(RuleBasedStateMachine):
    """A folder of images that changes, and the data sets that are made of it."""

    sequences = 0
    runs = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).sequences += 1
        self._scratch = tempfile.TemporaryDirectory(dir=_memory())
        self.home = Path(self._scratch.name)
        (self.home / "images").mkdir()
        self.labels: dict[str, str] = {}
        self.written = 0
        self.places: dict[Path, tuple[DatasetOrganizer, dict[str, str]]] = {}

    def teardown(self) -> None:
        """Remove everything."""
        self._scratch.cleanup()

    @initialize(numbers=st.permutations(range(24)))
    def start(self, numbers: list[int]) -> None:
        """Begin with some images of each class."""
        for number in numbers:
            self._write(LABELS[number % 3], group=number % 7)

    @rule(label=st.sampled_from(LABELS), group=st.integers(0, 9))
    def add(self, label: str, group: int) -> None:
        """Add an image, of a group that may be new."""
        self._write(label, group)

    @precondition(lambda self: self._removable())
    @rule(chance=st.randoms(use_true_random=False))
    def remove(self, chance: random.Random) -> None:
        """Remove an image of a class that has enough."""
        name = chance.choice(self._removable())
        (self.home / "images" / name).unlink()
        del self.labels[name]

    @rule(
        transfer=st.sampled_from(("copy", "hardlink", "symlink")),
        number=st.integers(0, 3),
        grouped=st.booleans(),
    )
    def organize(self, transfer: str, number: int, grouped: bool) -> None:  # noqa: FBT001
        """Organize into a place that may be new."""
        root = self.home / f"data {number}"
        organizer = DatasetOrganizer(
            val=0.2, test=0.2, transfer=transfer, group_pattern=r"^(g\d+)_" if grouped else None
        )
        self._organize(root, organizer)

    @rule(number=st.integers(0, 3), at=st.integers(0, 150))
    def interrupt(self, number: int, at: int) -> None:
        """Begin to organize, be interrupted at some call, and let the next rule go on."""
        root = self.home / f"data {number}"
        if root in self.places:
            return
        remaining = [at]

        def call(function, *arguments):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002, ANN202
            remaining[0] -= 1
            if remaining[0] == -1:
                raise InterruptedRunError
            return function(*arguments)

        organizer = DatasetOrganizer(val=0.2, test=0.2, files=FileSystem(call=call))
        try:
            self._run(root, organizer)
        except InterruptedRunError:
            require(not root.exists(), "an interrupted run left something that looks whole")
            return
        self.places[root] = DatasetOrganizer(val=0.2, test=0.2), dict(self.labels)
        self._require_no_leak(root, organizer)

    def _organize(self, root: Path, organizer: DatasetOrganizer) -> None:
        before = listing(root) if root.exists() else None
        known = self.places.get(root)
        same = known is None or known == (organizer, self.labels)
        try:
            self._run(root, organizer)
        except UnsafeError:
            require(not same, "the same plan was refused")
            require(listing(root) == before, "a refusal changed something")
            return
        require(same, "another plan was taken for the same")
        if before is not None:
            require(listing(root) == before, "the same plan changed something")
        self.places[root] = organizer, dict(self.labels)
        self._require_no_leak(root, organizer)

    def _run(self, root: Path, organizer: DatasetOrganizer) -> None:
        type(self).runs += 1
        rows = [f"{name},{label}\n" for name, label in self.labels.items()]
        (self.home / "labels.csv").write_text("id,label\n" + "".join(rows), encoding="utf-8")
        organizer.organize(self.home / "labels.csv", self.home / "images", root)

    def _require_no_leak(self, root: Path, organizer: DatasetOrganizer) -> None:
        samples = ImageFolder.open(root).manifest.samples
        files = {
            path.relative_to(root).as_posix()
            for split in ("train", "val", "test")
            for path in (root / split).rglob("*")
            if not path.is_dir()
        }
        require({s.path for s in samples} == files, "tree and manifest differ")
        require(sorted(s.source for s in samples) == sorted(self.labels), "an image is lost")
        require(len({s.sha256 for s in samples}) == len(samples), "an image is there twice")
        require(all(self.labels[s.source] == s.label for s in samples), "a label is wrong")
        if organizer.group_pattern is not None:
            splits = {(s.source.partition("_")[0], s.split) for s in samples}
            groups = {group for group, _ in splits}
            require(len(splits) == len(groups), f"a group is in two splits: {sorted(splits)}")

    def _write(self, label: str, group: int) -> None:
        name = f"g{group}_{self.written}.ppm"
        (self.home / "images" / name).write_bytes(ppm(self.written))
        self.labels[name] = label
        self.written += 1

    def _removable(self) -> list[str]:
        labels = list(self.labels.values())
        return [name for name, label in self.labels.items() if labels.count(label) > FEWEST]


def prove(*, short: bool) -> list[Row]:
    """Let Hypothesis write and run sequences; on a failure it finds a shortest one."""
    Desk.sequences = Desk.runs = 0
    failures = []
    try:
        run_state_machine_as_test(seed(0)(Desk), settings=_settings(short=short))
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the finding
        steps = " ".join(" ".join(getattr(error, "__notes__", ())).split())
        failures.append(f"{type(error).__name__}: {error} {steps}")
    return [
        Row(
            what="random sequences of add, remove, organize, interrupt",
            promise="no image and no group in two splits, none lost; other plans are refused",
            tried=Desk.sequences,
            failures=tuple(failures),
            note=f"{Desk.runs:,} runs of the organizer",
        )
    ]


def _settings(*, short: bool) -> settings:
    return settings(
        max_examples=SHORT_SEQUENCES if short else SEQUENCES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )


def _memory() -> Path | None:
    with crash_harness.scratch_folder() as scratch:
        return scratch.parent
