"""What can be wrong with checkpoints, and what happens then (fault cases 1.6)."""

import json
import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest

from imgclass.errors import CheckpointError, MachineError
from imgclass.io.fs import FileSystem
from imgclass.training.checkpoints.files import STATE, SUMS, TENSORS
from imgclass.training.checkpoints.folder import KEPT, CheckpointFolder

FILES = (TENSORS, STATE, SUMS)


@pytest.fixture
def folder(tmp_path):
    return CheckpointFolder(tmp_path / "run" / "checkpoints")


@pytest.fixture
def two(folder, make_state, arrays):
    """A folder with the checkpoints of two epochs."""
    for epoch in (1, 2):
        folder.write(make_state(epoch), arrays)
    return folder


def names(folder):
    return sorted(path.name for path in folder.path.iterdir())


def newest_directory(folder):
    return folder.path / names(folder)[-1]


# Writing and reading


def test_what_was_written_is_read_bit_for_bit(folder, make_state, arrays):
    state = make_state(2, seconds=1.5, waited=1, callbacks=({"wait": 3, "best": {"float": "0x1"}},))
    path = folder.write(state, arrays)
    found = folder.newest()
    assert (found.path, found.state, found.damaged) == (path, state, ())
    assert list(found.arrays) == list(arrays)
    for name, array in arrays.items():
        assert found.arrays[name].tobytes() == array.tobytes()


def test_a_state_without_epochs_comes_back(folder, make_state):
    state = make_state(best_score=(-inf, -inf))
    folder.write(state, {})
    assert folder.newest().state == state


def test_an_epoch_with_nan_comes_back(folder, make_state):
    (epoch,) = make_state(1).epochs
    folder.write(make_state(1, epochs=(replace(epoch, val_loss=nan, loss=inf),)), {})
    (again,) = folder.newest().state.epochs
    assert (np.isnan(again.val_loss), again.loss) == (True, inf)


def test_a_checkpoint_is_a_directory_named_by_its_number_and_its_place(folder, make_state, arrays):
    assert folder.write(make_state(), arrays) == folder.path / "0001-epoch-0"
    assert folder.write(make_state(3), arrays) == folder.path / "0002-epoch-3"
    assert folder.write(make_state(3, 12), arrays) == folder.path / "0003-epoch-3-batch-12"


def test_checkpoints_stay_in_order_beyond_number_9999(folder, make_state, arrays):
    folder.write(make_state(1), arrays)
    (folder.path / "0001-epoch-1").rename(folder.path / "9999-epoch-1")
    assert folder.write(make_state(2), arrays).name == "10000-epoch-2"
    assert folder.newest().path.name == "10000-epoch-2"


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum")
def test_the_sums_are_those_that_sha256sum_checks(folder, make_state, arrays):
    path = folder.write(make_state(1), arrays)
    subprocess.run(["sha256sum", "--strict", "--quiet", "-c", SUMS], cwd=path, check=True)


def test_everything_is_on_the_disk_under_another_name_before_it_is_renamed(
    tmp_path, make_state, arrays
):
    done = []

    def noted(function, *arguments):
        done.append((function.__name__, [str(a) for a in arguments if isinstance(a, str | Path)]))
        return function(*arguments)

    CheckpointFolder(tmp_path / "c", FileSystem(call=noted)).write(make_state(1), arrays)
    calls = [name for name, _ in done]
    renamed = calls.index("rename")
    part = tmp_path / "c" / f".0001-epoch-1.{os.getpid()}.part"
    assert done[renamed][1] == [str(part), str(tmp_path / "c" / "0001-epoch-1")]
    assert calls[:renamed].count("fsync") == len(FILES) + 1  # and the directory's own entries
    assert calls[renamed + 1 :].count("fsync") == 1
    opened = [paths[0] for name, paths in done[:renamed] if name == "open"]
    assert {str(part / name) for name in FILES} <= set(opened)
    assert not any(path.startswith(str(tmp_path / "c" / "0001")) for path in opened)


# Which are kept


def test_the_newest_two_are_kept(folder, make_state, arrays):
    for epoch in range(5):
        folder.write(make_state(epoch), arrays)
    assert KEPT == 2
    assert names(folder) == ["0004-epoch-3", "0005-epoch-4"]


def test_the_newest_of_a_whole_epoch_is_kept_in_addition(folder, make_state, arrays):
    for epoch, batch in ((0, 0), (1, 0), (1, 10), (1, 20), (1, 30)):
        folder.write(make_state(epoch, batch), arrays)
    assert names(folder) == ["0002-epoch-1", "0004-epoch-1-batch-20", "0005-epoch-1-batch-30"]
    assert folder.newest().path.name == "0005-epoch-1-batch-30"
    assert folder.newest_whole_epoch().path.name == "0002-epoch-1"


def test_other_files_in_the_folder_are_left_alone(two, make_state, arrays):
    (two.path / "notes.txt").write_text("mine")
    (two.path / "0009-mine").mkdir()
    (two.path / ".hidden").mkdir()
    two.write(make_state(3), arrays)
    assert {"notes.txt", "0009-mine", ".hidden"} < set(names(two))
    assert two.newest().path.name == "0003-epoch-3"


@pytest.mark.parametrize("errno", [28, 5, 122, 13, 24])
def test_a_write_that_fails_at_any_call_is_a_machine_error_and_leaves_the_others(
    tmp_path, make_state, arrays, errno
):
    before = CheckpointFolder(tmp_path / "c")
    for epoch in (1, 2):
        before.write(make_state(epoch), arrays)
    for at in range(1, 200):
        count = 0

        def fail_once(function, *arguments, at=at):
            nonlocal count
            count += 1
            if count == at and function is not os.close:
                raise OSError(errno, os.strerror(errno))
            return function(*arguments)

        failing = CheckpointFolder(before.path, FileSystem(call=fail_once))
        with suppress(MachineError):  # and no other error
            failing.write(make_state(3), arrays)
        assert before.newest().state.place.epoch in {2, 3}
        assert not before.newest().damaged
        if count < at:
            break
    assert count > 20
    assert not [name for name in names(before) if name.endswith(".part")]


def test_a_process_that_dies_at_any_call_leaves_a_whole_checkpoint(tmp_path, make_state, arrays):
    class Died(BaseException):
        pass

    for at in range(1, 200):
        path = tmp_path / str(at)
        whole = CheckpointFolder(path)
        for epoch in (1, 2):
            whole.write(make_state(epoch), arrays)
        count = 0

        def die(function, *arguments, at=at):
            nonlocal count
            count += 1
            if count >= at:
                raise Died
            return function(*arguments)

        try:
            CheckpointFolder(path, FileSystem(call=die)).write(make_state(3), arrays)
        except Died:
            found = whole.newest()
            assert found.state.place.epoch in {2, 3}
            assert not found.damaged
            whole.sweep()
            assert not [name for name in names(whole) if name.startswith(".")]
            whole.write(make_state(4), arrays)
            assert whole.newest().state.place.epoch == 4
        else:
            break
    assert at > 20


def test_half_written_checkpoints_are_swept_and_nothing_else(two):
    half = two.path / ".0003-epoch-3.4711.part"
    half.mkdir()
    (half / TENSORS).write_bytes(b"half")
    (two.path / ".mine").write_text("mine")
    (two.path / "x.part").write_text("mine")
    before = [name for name in names(two) if name != half.name]
    assert two.newest().damaged == ()
    two.sweep()
    assert names(two) == before


def test_sweeping_a_missing_folder_is_no_error(folder):
    folder.sweep()
    assert not folder.path.exists()
    assert not folder.has_any


# Damage


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def in_place_of(path, make):
    path.unlink()
    make(path)


def link_to_a_copy(path):
    copy = path.parent.parent.parent / "copy"
    shutil.copy(path, copy)
    in_place_of(path, lambda p: p.symlink_to(copy))


DAMAGES = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\n"),
    "another bit": flip,
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "a link": link_to_a_copy,
    "a dangling link": lambda path: in_place_of(path, lambda p: p.symlink_to("nowhere")),
    "a FIFO": lambda path: in_place_of(path, os.mkfifo),
    "a directory": lambda path: in_place_of(path, Path.mkdir),
}


@pytest.mark.skipif(os.name == "nt", reason="no FIFOs, and links by permission only")
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_checkpoint_is_named_and_left_and_an_older_one_read(two, name, damage):
    bad = two.path / "0002-epoch-2"
    damage(bad / name)
    left = sorted(path.name for path in bad.iterdir())
    found = two.newest()
    assert found.state.place.epoch == 1
    (said,) = found.damaged
    assert said.startswith(f"{bad}: ")
    assert name in said
    assert sorted(path.name for path in bad.iterdir()) == left


@pytest.mark.parametrize("name", FILES)
def test_every_changed_byte_is_noticed(two, name):
    path = two.path / "0002-epoch-2" / name
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :])
        assert two.newest().state.place.epoch == 1
    path.write_bytes(whole)
    assert two.newest().state.place.epoch == 2


def test_an_extra_file_is_refused(two):
    (newest_directory(two) / "extra.py").write_text("print()")
    assert "extra.py" in two.newest().damaged[0]


@pytest.mark.parametrize("make", [Path.touch, lambda p: p.symlink_to("0001-epoch-1"), os.mkfifo])
def test_a_checkpoint_that_is_no_directory_is_named(two, make):
    bad = two.path / "0003-epoch-3"
    make(bad)
    found = two.newest()
    assert found.path.name == "0002-epoch-2"
    assert found.damaged[0].startswith(f"{bad}: ")


def test_a_link_to_a_whole_checkpoint_elsewhere_is_not_followed(two, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (two.path / "0002-epoch-2").rename(elsewhere)
    (two.path / "0002-epoch-2").symlink_to(elsewhere)
    found = two.newest()
    assert found.path.name == "0001-epoch-1"
    assert "0002-epoch-2" in found.damaged[0]


def test_files_of_another_checkpoint_are_noticed(two):
    shutil.copy(two.path / "0001-epoch-1" / STATE, two.path / "0002-epoch-2" / STATE)
    assert "SHA-256" in two.newest().damaged[0]


def with_state(folder, change):
    """Change the newest checkpoint with its checksums, as another version would have written it."""
    from hashlib import sha256

    path = newest_directory(folder)
    plain = json.loads((path / STATE).read_text())
    text = change(plain)
    text = (text if isinstance(text, str) else json.dumps(plain)).encode()
    (path / STATE).write_bytes(text)
    digests = [(sha256((path / name).read_bytes()).hexdigest(), name) for name in (STATE, TENSORS)]
    (path / SUMS).write_text("".join(f"{digest}  {name}\n" for digest, name in digests))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda plain: plain.update(temperature=3), "temperature"),
        (lambda plain: plain.pop("place"), "the key 'place' is missing"),
        (lambda plain: plain["place"].update(epoch="two"), "epoch"),
        (lambda plain: plain["config"].update(optimizer="adan"), "optimizer"),
        (lambda plain: plain["config"].update(learning_rate=-1), "learning_rate"),
        (lambda _: "no JSON", "state.json"),
        (lambda _: "[" * 100_000, "state.json"),
        (lambda _: "[]", "an object"),
    ],
)
def test_a_state_that_this_version_does_not_understand_is_named(two, change, says):
    with_state(two, change)
    found = two.newest()
    assert found.state.place.epoch == 1
    assert says in found.damaged[0]


def test_if_no_checkpoint_is_complete_the_error_names_each(two):
    for path in two.path.iterdir():
        flip(path / TENSORS)
    with pytest.raises(CheckpointError, match="none of 2 is") as raised:
        two.newest()
    said = str(raised.value)
    assert said.index("0002-epoch-2") < said.index("0001-epoch-1")
    assert "left as they are" in said
    assert names(two) == ["0001-epoch-1", "0002-epoch-2"]


def test_a_folder_without_checkpoints_is_an_error(folder):
    with pytest.raises(CheckpointError, match="there is none"):
        folder.newest()


def test_a_folder_without_a_complete_epoch_is_an_error(folder, make_state, arrays):
    flip(folder.write(make_state(1), arrays) / TENSORS)
    folder.write(make_state(1, 5), arrays)
    assert folder.newest().state.place.batch == 5
    with pytest.raises(CheckpointError, match="0001-epoch-1"):
        folder.newest_whole_epoch()


def test_a_new_checkpoint_gets_a_higher_number_than_a_damaged_one(two, make_state, arrays):
    flip(two.path / "0002-epoch-2" / TENSORS)
    two.write(make_state(2), arrays)
    found = two.newest()
    assert (found.path.name, found.damaged) == ("0003-epoch-2", ())
    assert "0002-epoch-2" in names(two)
