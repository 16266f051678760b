"""Random adding, removing and organizing again: nothing in two splits, be it group or picture."""

import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
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
from benchmarks.robustness.homes import listing
from benchmarks.robustness.trials import Row, require
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.options import Transfer
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import InterruptedRunError, UnsafeError
from imgclass.io.fs import Call, FileSystem

SEQUENCES = 500
SHORT_SEQUENCES = 40
STEPS = 12
TRANSFERS: tuple[Transfer, ...] = ("copy", "hardlink", "symlink")
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
        self.known: dict[str, str] = {}  # the labels of all images that there ever were
        self.pictures: dict[str, int] = {}  # what each of them shows
        # What each place was made by and of; the images are None where it was updated since.
        self.places: dict[Path, tuple[DatasetOrganizer, dict[str, str] | None]] = {}

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

    @rule(
        chance=st.randoms(use_true_random=False),
        label=st.sampled_from(LABELS),
        brighter=st.sampled_from((0, 0, 9, 17)),
    )
    def add_again(self, chance: random.Random, label: str, brighter: int) -> None:
        """Add an image of a picture that there was, byte by byte or brighter."""
        shown = self.pictures[chance.choice(list(self.known))]
        # No group of others: an update cannot mend what ties pictures of two splits together.
        self._write(label, group=100 + shown, shown=shown, brighter=brighter)

    @precondition(lambda self: self._removable())
    @rule(chance=st.randoms(use_true_random=False))
    def remove(self, chance: random.Random) -> None:
        """Remove an image of a class that has enough."""
        self._remove(chance.choice(self._removable()))

    @rule(group=st.integers(0, 9))
    def renew_group(self, group: int) -> None:
        """Remove a group, as far as its classes have enough, and add a new image of it."""
        for name in list(self.labels):
            if name.startswith(f"g{group}_") and name in self._removable():
                self._remove(name)
        self._write(LABELS[group % 3], group)

    @rule(
        transfer=st.sampled_from(TRANSFERS),
        number=st.integers(0, 3),
        grouped=st.booleans(),
    )
    def organize(self, *, transfer: Transfer, number: int, grouped: bool) -> None:
        """Organize into a place that may be new."""
        root = self.home / f"data {number}"
        organizer = DatasetOrganizer(
            val=0.2, test=0.2, transfer=transfer, group_pattern=r"^(g\d+)_" if grouped else None
        )
        self._organize(root, organizer)

    @rule(transfer=st.sampled_from(TRANSFERS), number=st.integers(0, 3), at=st.integers(0, 150))
    def interrupt(self, transfer: Transfer, number: int, at: int) -> None:
        """Begin to organize, be interrupted at some call, and let the next rule go on."""
        root = self.home / f"data {number}"
        if root in self.places:
            return
        organizer = DatasetOrganizer(val=0.2, test=0.2, transfer=transfer)
        files = FileSystem(call=_interrupting(at))
        with suppress(InterruptedRunError), crash_harness.through(files):
            self._run(root, organizer)
        if not root.exists():
            return  # and where it does, it has to be whole
        self.places[root] = organizer, dict(self.labels)
        self._require_no_leak(root, organizer, set(self.labels))

    @precondition(lambda self: self._updatable())
    @rule(chance=st.randoms(use_true_random=False), at=st.none() | st.integers(0, 150))
    def update(self, chance: random.Random, at: int | None) -> None:
        """Add what is new to a data set, perhaps after an update that was interrupted."""
        root = chance.choice(self._updatable())
        organizer, _ = self.places[root]
        before = {sample.source: sample for sample in ImageFolder.open(root).manifest.samples}
        self._write_labels()
        if at is not None:
            files = FileSystem(call=_interrupting(at))
            with suppress(InterruptedRunError), crash_harness.through(files):
                organizer.update(self.home / "labels.csv", self.home / "images", root)
        changes = organizer.update(self.home / "labels.csv", self.home / "images", root)
        type(self).runs += 1
        after = {sample.source: sample for sample in ImageFolder.open(root).manifest.samples}
        require(
            all(after.get(source) == sample for source, sample in before.items()),
            "an image that was there is not where it was",
        )
        require(set(after) == {*before, *self.labels}, "not everything was added")
        require(set(changes.removed) == set(before) - set(self.labels), "not all gone were named")
        require(not changes.changed, "something counts as changed")
        self._require_no_leak(root, organizer, set(after))
        self.places[root] = organizer, None

    def _organize(self, root: Path, organizer: DatasetOrganizer) -> None:
        before = listing(root) if root.exists() else None
        made_by, made_of = self.places.get(root, (organizer, self.labels))
        same = (made_by, made_of) == (organizer, self.labels)
        updated = made_of is None and made_by == organizer
        try:
            self._run(root, organizer)
        except UnsafeError:
            require(not same, "the same plan was refused")
            require(listing(root) == before, "a refusal changed something")
            return
        require(same or updated, "another plan was taken for the same")
        if before is not None:
            require(listing(root) == before, "the same plan changed something")
            return
        self.places[root] = organizer, dict(self.labels)
        self._require_no_leak(root, organizer, set(self.labels))

    def _run(self, root: Path, organizer: DatasetOrganizer) -> None:
        type(self).runs += 1
        self._write_labels()
        organizer.organize(self.home / "labels.csv", self.home / "images", root)

    def _write_labels(self) -> None:
        rows = [f"{name},{label}\n" for name, label in self.labels.items()]
        (self.home / "labels.csv").write_text("id,label\n" + "".join(rows), encoding="utf-8")

    def _require_no_leak(self, root: Path, organizer: DatasetOrganizer, expected: set[str]) -> None:
        samples = ImageFolder.open(root).manifest.samples
        files = {
            path.relative_to(root).as_posix()
            for split in ("train", "val", "test")
            for path in (root / split).rglob("*")
            if not path.is_dir()
        }
        require({s.path for s in samples} == files, "tree and manifest differ")
        require({s.source for s in samples} == expected, "an image is lost")
        require(len({s.source for s in samples}) == len(samples), "an image is there twice")
        shown = {(self.pictures[s.source], s.split) for s in samples}
        pictures = {picture for picture, _ in shown}
        require(len(shown) == len(pictures), f"a picture is in two splits: {sorted(shown)}")
        require(all(self.known[s.source] == s.label for s in samples), "a label is wrong")
        for sample in samples:
            if sample.source in self.labels:
                kind = _kind(root / sample.path, self.home / "images" / sample.source)
                require(
                    kind == organizer.transfer, f"what should be a {organizer.transfer} is a {kind}"
                )
        if organizer.group_pattern is not None:
            splits = {(s.source.partition("_")[0], s.split) for s in samples}
            groups = {group for group, _ in splits}
            require(len(splits) == len(groups), f"a group is in two splits: {sorted(splits)}")

    def _write(
        self, label: str, group: int, *, shown: int | None = None, brighter: int = 0
    ) -> None:
        name = f"g{group}_{self.written}.ppm"
        self.pictures[name] = self.written if shown is None else shown
        (self.home / "images" / name).write_bytes(_photograph(self.pictures[name], brighter))
        self.labels[name] = self.known[name] = label
        self.written += 1

    def _remove(self, name: str) -> None:
        (self.home / "images" / name).unlink()
        del self.labels[name]

    def _updatable(self) -> list[Path]:
        """Return the places whose images are all there: a link goes with its original."""
        gone = len(self.labels) < len(self.known)
        return [
            root
            for root, (organizer, _) in sorted(self.places.items())
            if not (gone and organizer.transfer == "symlink")
        ]

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
            what="random sequences of add, remove, organize, update, interrupt",
            promise="no image, group or picture in two splits, none lost; other plans are refused",
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


def _photograph(number: int, brighter: int) -> bytes:
    """Return a picture of 16 x 16 pixels, of coarse and of fine grain; another for every number."""
    chance = np.random.default_rng(number)
    coarse, fine = (chance.integers(0, 100, (cells, cells, 3)) for cells in (4, 16))
    pixels = np.kron(coarse, np.ones((4, 4, 1), int)) + fine + brighter
    return b"P6 16 16 255 " + pixels.astype(np.uint8).tobytes()


def _kind(path: Path, source: Path) -> str:
    if path.is_symlink():
        return "symlink"
    return "hardlink" if path.samefile(source) else "copy"


def _interrupting(at: int) -> Call:
    remaining = [at]

    def call(function: Callable[..., Any], *arguments: Any) -> Any:
        remaining[0] -= 1
        if remaining[0] == -1:
            raise InterruptedRunError
        return function(*arguments)

    return call


def _memory() -> Path | None:
    with crash_harness.scratch_folder() as scratch:
        return scratch.parent
