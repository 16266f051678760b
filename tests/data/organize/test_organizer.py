import csv
import json
import os
import signal
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.organize.file_names import file_source
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import (
    InterruptedRunError,
    LabelsError,
    MachineError,
    UnsafeError,
    UsageError,
)
from imgclass.io.fs import FileSystem
from imgclass.io.lock import held_lock

TRANSFERS = ["copy", "hardlink", "symlink", "move"]
SMALL = {"val": 6, "test": 6}


def organize(desk, root=None, **options):
    return DatasetOrganizer(**{**SMALL, **options}).organize(
        desk.labels, desk.images, root or desk.root
    )


def leftovers(desk):
    return [path.name for path in desk.home.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_every_image_lies_in_its_class_with_its_own_bytes(desk, transfer):
    before = {path.name: path.read_bytes() for path in desk.images.iterdir()}
    folder = organize(desk, transfer=transfer)
    assert folder.counts == {"train": 18, "val": 6, "test": 6}
    assert folder.class_names == ("ant", "bee", "cow")
    for sample in folder.manifest.samples:
        data = (desk.root / sample.path).read_bytes()
        assert sample.path == f"{sample.split}/{sample.label}/{sample.source}"
        assert data == before.pop(sample.source)
        assert (sample.sha256, sample.width, sample.height) == (sha256(data).hexdigest(), 6, 5)
    assert not before
    assert not leftovers(desk)


def test_the_manifest_is_in_the_order_of_the_csv(desk):
    organize(desk)
    with (desk.root / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["path", "label", "split", "sha256", "width", "height", "source"]
    assert [row["source"] for row in rows] == [f"{i}.png" for i in range(30)]


def test_the_record_says_how_the_data_set_was_made(desk):
    organize(desk, seed=4)
    record = json.loads((desk.root / "dataset.json").read_text("utf-8"))
    assert record["class_names"] == ["ant", "bee", "cow"]
    assert record["counts"] == {"train": 18, "val": 6, "test": 6}
    assert record["options"] == {
        "val": 6,
        "test": 6,
        "seed": 4,
        "transfer": "copy",
        "check_images": "full",
        "duplicates": "group",
        "group_column": None,
        "group_pattern": None,
        "split_column": None,
        "val_values": [],
        "test_values": [],
    }
    assert record["labels_sha256"] == sha256(desk.labels.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("transfer", "kept"), [("copy", True), ("hardlink", True), ("symlink", True), ("move", False)]
)
def test_sources_stay_untouched_unless_they_are_moved(desk, snapshot, transfer, kept):
    def facts():
        return [
            (path.name, path.stat().st_ino, path.stat().st_mode, path.stat().st_mtime_ns)
            for path in sorted(desk.images.iterdir())
        ]

    before = (facts(), snapshot(desk.images))
    organize(desk, transfer=transfer)
    assert ((facts(), snapshot(desk.images)) == before) == kept
    assert any(desk.images.iterdir()) == kept


def test_hard_links_share_their_file_and_symbolic_links_name_it(desk):
    linked = organize(desk, transfer="hardlink")
    named = organize(desk, desk.home / "named", transfer="symlink")
    for sample in linked.manifest.samples:
        assert (linked.root / sample.path).samefile(desk.images / sample.source)
    for sample in named.manifest.samples:
        assert (named.root / sample.path).readlink() == desk.images / sample.source


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_o03_a_second_run_changes_nothing_and_makes_no_writing_call(
    desk, intercept, snapshot, transfer
):
    first = organize(desk, transfer=transfer)
    before = snapshot(desk.home)
    calls = []

    def watched(function, *arguments):
        calls.append((function, arguments))
        return function(*arguments)

    with intercept(watched):
        second = organize(desk, transfer=transfer)
    assert second == first
    assert snapshot(desk.home) == before
    opened = {arguments[1] for function, arguments in calls if function is os.open}
    assert not any(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) for flags in opened)
    assert {function.__name__ for function, _ in calls} <= READING


READING = {"lstat", "scandir", "open", "fstat", "read", "close"}


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"seed": 1}, "seed was 0 and is 1"),
        ({"val": 9}, "val was 6 and is 9"),
        ({"transfer": "hardlink"}, "transfer was 'copy' and is 'hardlink'"),
    ],
)
def test_o04_another_plan_for_the_same_place_is_refused_with_the_difference(
    desk, snapshot, change, difference
):
    organize(desk)
    before = snapshot(desk.home)
    with pytest.raises(UnsafeError, match=difference):
        organize(desk, **change)
    assert snapshot(desk.home) == before


def test_o04_other_images_and_labels_are_refused_with_their_names(desk):
    organize(desk)
    (desk.images / "3.png").write_bytes((desk.images / "4.png").read_bytes())
    desk.write_labels(
        {f"{i}.png": "bee" if i == 6 else ("ant", "bee", "cow")[i % 3] for i in range(29)}
    )
    (desk.images / "29.png").unlink()
    with pytest.raises(UnsafeError) as caught:
        organize(desk)
    assert "1 image gone ('29.png')" in str(caught.value)
    assert "1 image with other bytes ('3.png')" in str(caught.value)
    assert "1 image with another label ('6.png')" in str(caught.value)


def test_o04_a_moved_data_set_refuses_another_csv(desk, snapshot):
    organize(desk, transfer="move")
    before = snapshot(desk.root)
    desk.write_labels({"0.png": "ant"})
    with pytest.raises(UnsafeError, match="the labels have changed"):
        organize(desk, transfer="move")
    assert snapshot(desk.root) == before


@pytest.mark.parametrize(
    "arrange",
    [
        lambda desk: desk.images,
        lambda desk: desk.images / "out",
        lambda desk: desk.images / "a" / "b",
        lambda desk: desk.home,
        lambda desk: desk.home.parent,
        lambda desk: Path(os.path.relpath(desk.images)),
        lambda desk: desk.images / ".." / "images" / "out",
        lambda desk: linked(desk.home / "link", desk.images),
        lambda desk: linked(desk.home / "link", desk.images) / "out",
        lambda desk: linked(desk.home / "up", desk.home) / "images" / "out",
        lambda desk: linked(desk.home / "up", desk.home),
        lambda desk: linked(desk.home / "b", linked(desk.home / "a", desk.images)) / "x",
    ],
)
def test_o01_overlapping_folders_are_refused_before_anything_is_written(desk, snapshot, arrange):
    root = arrange(desk)
    before = snapshot(desk.home)
    with pytest.raises(UnsafeError, match="apart"):
        organize(desk, root)
    assert snapshot(desk.home) == before


def linked(link, target):
    link.symlink_to(target)
    return link


@pytest.mark.parametrize("name", ["notes.txt", "manifest.csv", "train/ant/1.png", ".hidden"])
def test_o02_a_folder_that_is_not_ours_is_refused_untouched(desk, snapshot, name):
    strange = desk.root / name
    strange.parent.mkdir(parents=True)
    strange.write_bytes(b"mine")
    before = snapshot(desk.home)
    with pytest.raises(UnsafeError, match="left untouched"):
        organize(desk)
    assert snapshot(desk.home) == before


def test_o02_a_file_at_the_place_is_refused(desk):
    desk.root.write_text("mine")
    with pytest.raises(UnsafeError, match="received a file"):
        organize(desk)
    assert desk.root.read_text() == "mine"


def test_an_empty_folder_is_a_free_place_and_missing_parents_are_made(desk):
    desk.root.mkdir()
    assert organize(desk).counts["train"] == 18
    assert organize(desk, desk.home / "a" / "b" / "c").counts["train"] == 18


def test_o05_what_appears_at_the_place_while_it_is_built_is_not_overwritten(desk, intercept):
    def intruding(function, *arguments):
        if function is os.rename:
            (desk.root / "mine").mkdir(parents=True, exist_ok=True)
        return function(*arguments)

    with pytest.raises(MachineError, match="No image was lost"), intercept(intruding):
        organize(desk)
    assert [path.name for path in desk.root.iterdir()] == ["mine"]


def test_o09_a_file_system_without_links_is_named_before_anything_is_built(desk, intercept):
    def refusing(function, *arguments):
        if function is os.link:
            raise OSError(18, "Invalid cross-device link", *arguments[:1])
        return function(*arguments)

    with (
        pytest.raises(MachineError, match=r"a hardlink .*\(--transfer copy\)"),
        intercept(refusing),
    ):
        organize(desk, transfer="hardlink")
    assert not desk.root.exists()
    assert not leftovers(desk)


def test_o13_two_names_of_one_file_are_not_moved(desk):
    (desk.images / "4.png").unlink()
    os.link(desk.images / "1.png", desk.images / "4.png")
    with pytest.raises(UnsafeError, match=r"'1.png' and '4.png'"):
        organize(desk, transfer="move")
    assert len(list(desk.images.iterdir())) == 30
    assert not desk.root.exists()
    assert not leftovers(desk)


def test_o14_a_source_that_changes_while_it_is_moved_is_left_and_named(desk, intercept):
    def changing(function, *arguments):
        if function is os.rename:
            (desk.images / "7.png").write_bytes(b"newer")
        return function(*arguments)

    with (
        pytest.raises(UnsafeError, match=r"1 were left .*\n.*'7.png': it has changed"),
        intercept(changing),
    ):
        organize(desk, transfer="move")
    assert [path.name for path in desk.images.iterdir()] == ["7.png"]
    assert ImageFolder.open(desk.root).counts["train"] == 18


def test_g4_a_source_is_kept_where_its_copy_is_damaged(desk, intercept):
    def damaging(function, *arguments):
        result = function(*arguments)
        if function is os.rename:
            for path in desk.root.rglob("9.png"):
                path.write_bytes(b"damaged")
        return result

    with pytest.raises(UnsafeError, match=r"'9.png': its copy has changed"), intercept(damaging):
        organize(desk, transfer="move")
    assert [path.name for path in desk.images.iterdir()] == ["9.png"]


@pytest.mark.parametrize("transfer", TRANSFERS)
@pytest.mark.parametrize("damage", [b"", b"no image", "cut"])
def test_o22_an_unusable_image_is_quarantined_and_left_where_it_is(desk, transfer, damage):
    bad = desk.images / "5.png"
    bad.write_bytes(bad.read_bytes()[:-30] if damage == "cut" else damage)
    content = bad.read_bytes()
    folder = organize(desk, transfer=transfer)
    [item] = folder.left_out.quarantined
    assert (item.source, item.label) == ("5.png", "cow")
    assert item.reason
    assert bad.read_bytes() == content
    assert folder.counts == {"train": 17, "val": 6, "test": 6}
    assert ImageFolder.open(desk.root) == folder
    assert not list(desk.root.rglob("5.png"))


def test_o22_a_header_check_lets_a_cut_image_pass_and_no_check_lets_anything(desk):
    cut = desk.images / "5.png"
    cut.write_bytes(cut.read_bytes()[:-30])
    assert not organize(desk, check_images="header").left_out.quarantined
    cut.write_bytes(b"no image")
    unchecked = organize(desk, desk.home / "unchecked", check_images="off")
    assert not unchecked.left_out.quarantined
    assert {(sample.width, sample.height) for sample in unchecked.manifest.samples} == {(0, 0)}


def test_a_class_whose_every_image_is_unusable_has_no_directory(desk):
    for path in desk.images.iterdir():
        if int(path.stem) % 3 == 0:
            path.write_bytes(b"")
    folder = organize(desk)
    assert folder.class_names == ("bee", "cow")
    assert not list(desk.root.glob("*/ant"))


@pytest.mark.parametrize("kind", ["link", "fifo", "directory", "gone", "socket"])
def test_o15_what_became_no_regular_file_is_quarantined_and_never_waited_for(desk, intercept, kind):
    def becoming(function, *arguments):
        path = desk.images / "8.png"
        if function is os.open and str(path) == arguments[0]:
            path.unlink(missing_ok=True)
            make = {
                "link": lambda: path.symlink_to(desk.labels),
                "fifo": lambda: os.mkfifo(path),
                "directory": path.mkdir,
                "gone": lambda: None,
                "socket": lambda: bind(path),
            }
            make[kind]()
        return function(*arguments)

    with intercept(becoming):
        folder = organize(desk)
    assert [item.source for item in folder.left_out.quarantined] == ["8.png"]
    assert sum(folder.counts.values()) == 29


def bind(path):
    # A socket's address is short, so it is given relative to its folder.
    code = f"import socket; socket.socket(socket.AF_UNIX).bind({path.name!r})"
    subprocess.run([sys.executable, "-c", code], cwd=path.parent, check=True)


def test_o15_unreadable_files_are_all_named_and_nothing_is_made(desk, intercept):
    def refusing(function, *arguments):
        if function is os.open and str(arguments[0]).endswith(("3.png", "4.png")):
            raise PermissionError(13, "Permission denied", arguments[0])
        return function(*arguments)

    with pytest.raises(MachineError) as caught, intercept(refusing):
        organize(desk)
    assert "6 could not be read" in str(caught.value)
    assert "'24.png': [Errno 13] Permission denied" in str(caught.value)
    assert not desk.root.exists()


def test_o17_names_that_break_other_tools_are_escaped_and_reversible(desk):
    names = ["a/b/0.png", "a%2Fb1.png", "-rf2.png", "$(x)3.png", "ü4.png", "sub/5.png"]
    rows = {f"{side}/{name}": side for side in ("ant", "bee") for name in names}
    images = desk.home / "odd"
    for number, name in enumerate(rows):
        path = images / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"P6 1 1 255 " + bytes([number, 0, 0]))
    desk.write_labels(rows)
    folder = DatasetOrganizer(val=2, test=2).organize(desk.labels, images, desk.root)
    for sample in folder.manifest.samples:
        assert file_source(sample.path.rpartition("/")[2]) == sample.source
        assert (desk.root / sample.path).read_bytes() == (images / sample.source).read_bytes()
    assert ImageFolder.open(desk.root) == folder


@pytest.mark.parametrize("order", range(5))
def test_o21_the_order_of_a_listing_has_no_say(desk, monkeypatch, order):
    organize(desk)
    entries = list(os.scandir(desk.images))
    scandir = os.scandir

    class Shuffled:
        def __init__(self, path):
            self.entries = sorted(scandir(path), key=lambda entry: hash((order, entry.name)))

        def __enter__(self):
            return iter(self.entries)

        def __exit__(self, *_):
            return False

    monkeypatch.setattr(os, "scandir", Shuffled)
    organize(desk, desk.home / "again")
    assert len(entries) == 30
    for name in ("manifest.csv", "dataset.json"):
        assert (desk.root / name).read_bytes() == (desk.home / "again" / name).read_bytes()


def test_the_plan_is_what_organizing_makes_and_writes_nothing(desk, snapshot):
    before = snapshot(desk.home)
    plan = DatasetOrganizer(**SMALL).plan(desk.labels, desk.images)
    assert snapshot(desk.home) == before
    assert plan.manifest == organize(desk).manifest


def test_rows_and_files_without_partner_are_reported(desk):
    (desk.images / "0.png").unlink()
    (desk.images / "stray.png").write_bytes(b"")
    with pytest.raises(LabelsError):
        organize(desk)
    folder = organize(desk, allow_missing=True, ignore_unlabelled=True)
    assert folder.left_out.rows_without_image == ("0.png",)
    assert folder.left_out.images_without_row == ("stray.png",)


def test_impossible_sizes_are_refused_before_an_image_is_read(desk, intercept):
    read = []

    def watched(function, *arguments):
        read.append(arguments[0])
        return function(*arguments)

    with pytest.raises(UsageError, match="between 3 and 24"), intercept(watched):
        organize(desk, val=29)
    assert not [path for path in read if str(path).endswith(".png")]
    assert not leftovers(desk)


@pytest.mark.parametrize(
    "options",
    [
        {"group_pattern": "("},
        {"group_pattern": "a", "group_column": "b"},
        {"transfer": "teleport"},
        {"check_images": True},
        {"val": 1.5},
        {"seed": "x"},
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(UsageError, match="Expected"):
        DatasetOrganizer(**options)


def test_progress_ends_at_its_total(desk):
    for transfer in TRANSFERS:
        steps = []
        DatasetOrganizer(**SMALL, transfer=transfer).organize(
            desk.labels,
            desk.images,
            desk.home / transfer,
            progress=lambda done, total, steps=steps: steps.append((done, total)),
        )
        assert steps[0][0] == 1
        assert steps[-1][0] == steps[-1][1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_o19_a_signal_stops_between_two_files_and_the_same_call_goes_on(desk, snapshot, number):
    def interrupting(done, _total):
        if done == 5:
            signal.raise_signal(number)

    organizer = DatasetOrganizer(**SMALL)
    with pytest.raises(InterruptedRunError, match="same command goes on") as caught:
        organizer.organize(desk.labels, desk.images, desk.root, progress=interrupting)
    assert caught.value.exit_code == 6
    assert not desk.root.exists()
    organize(desk, desk.home / "undisturbed")
    organize(desk)
    assert snapshot(desk.root) == snapshot(desk.home / "undisturbed")
    assert not leftovers(desk)


def test_an_interrupted_plan_says_that_nothing_was_written(desk):
    def interrupting(_done, _total):
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(InterruptedRunError, match="Nothing was written"):
        DatasetOrganizer(**SMALL).plan(desk.labels, desk.images, progress=interrupting)


def test_handlers_of_signals_are_given_back(desk):
    before = signal.getsignal(signal.SIGINT)
    organize(desk)
    assert signal.getsignal(signal.SIGINT) is before


def test_organizing_works_outside_the_main_thread(desk):
    thread = threading.Thread(target=organize, args=(desk,))
    thread.start()
    thread.join()
    assert ImageFolder.open(desk.root).counts["train"] == 18


@pytest.mark.thorough
def test_many_images_are_read_by_worker_processes_with_the_same_outcome(tmp_path, monkeypatch):
    from imgclass.io.workers import pool

    images = tmp_path / "images"
    images.mkdir()
    rows = []
    for i in range(300):
        (images / f"{i}.ppm").write_bytes(b"P6 1 1 255 " + i.to_bytes(3, "big"))
        rows.append(f"{i},{'ab'[i % 2]}\n")
    (images / "7.ppm").write_bytes(b"bad")
    csv_file = tmp_path / "labels.csv"
    csv_file.write_text("id,label\n" + "".join(rows))
    for transfer in TRANSFERS[:3]:
        organizer = DatasetOrganizer(transfer=transfer)
        alone = organizer.organize(csv_file, images, tmp_path / f"alone-{transfer}")
        with monkeypatch.context() as patch:
            patch.setattr(pool, "FEWEST", 10)
            together = organizer.organize(csv_file, images, tmp_path / f"workers-{transfer}")
        assert alone.manifest == together.manifest
        assert alone.left_out == together.left_out


def splits_of_groups(folder, group):
    found = {}
    for sample in folder.manifest.samples:
        found.setdefault(group(sample.source), set()).add(sample.split)
    return found


def test_images_whose_names_share_a_group_share_a_split(desk):
    desk.write({f"p{i // 5}_{i % 5}.png": "ab"[i // 5 % 2] for i in range(60)})
    organizer = DatasetOrganizer(group_pattern=r"^(p\d+)_", ignore_unlabelled=True)
    folder = organizer.organize(desk.labels, desk.images, desk.root)
    found = splits_of_groups(folder, lambda source: source.partition("_")[0])
    assert len(found) == 12
    assert all(len(splits) == 1 for splits in found.values())
    assert folder.counts == {"train": 40, "val": 10, "test": 10}


def test_images_of_one_field_in_the_column_of_groups_share_a_split(desk):
    rows = [f"{i}.png,{'ab'[i % 2]},patient {i // 6}\n" for i in range(30)]
    desk.labels.write_text("id,label,patient\n" + "".join(rows), encoding="utf-8")
    organizer = DatasetOrganizer(group_column="patient")
    folder = organizer.organize(desk.labels, desk.images, desk.root)
    found = splits_of_groups(folder, lambda source: int(source.partition(".")[0]) // 6)
    assert len(found) == 5
    assert all(len(splits) == 1 for splits in found.values())


def test_two_organizers_of_one_place_do_not_mix(desk):
    work = desk.home / f".{desk.root.name}.imgclass"
    with held_lock(str(work / "lock"), FileSystem()), pytest.raises(UnsafeError, match="using it"):
        DatasetOrganizer(val=6, test=6).organize(desk.labels, desk.images, desk.root)
    assert not desk.root.exists()
    DatasetOrganizer(val=6, test=6).organize(desk.labels, desk.images, desk.root)
    assert not work.exists()
