"""A folder of checkpoints: each written whole or not at all, and verified before it is used."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from imgclass.errors import CheckpointError, MachineError
from imgclass.io.fs import FileSystem
from imgclass.io.os_errors import machine_errors
from imgclass.io.strict_json import parse_json
from imgclass.serialization import dump_json, from_plain
from imgclass.training.checkpoints.state import TrainingState
from imgclass.training.checkpoints.tensors import Arrays, read_tensors, tensor_bytes

TENSORS, STATE = "state.safetensors", "state.json"
# In the format of the command sha256sum, which can check it: `sha256sum -c SHA256SUMS`.
SUMS = "SHA256SUMS"
KEPT = 2
LARGEST_STATE = 64 * 2**20  # bytes: 100,000 epochs
LARGEST_SUMS = 1_000  # bytes
SHOWN = 5
_NAME = re.compile(r"(\d{4,})-epoch-(\d+)(-batch-\d+)?")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that was found whole.

    Attributes:
        path: Its directory.
        state: Where the training stands.
        arrays: Weights, the optimizer's variables and what else is needed, by name.
        damaged: What is wrong with newer ones that could not be used.
    """

    path: Path
    state: TrainingState
    arrays: Arrays
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckpointFolder:
    """Checkpoints of one training, each a directory; the newest two are kept.

    Attributes:
        path: The folder; made with the first checkpoint.
        files: The file system.
        every: Seconds after which a checkpoint is written within an epoch, too.

    Example:
        >>> CheckpointFolder(Path("no/such/folder")).newest()
        Traceback (most recent call last):
        imgclass.errors.CheckpointError: Expected a checkpoint in no/such/folder; there is none. ...
    """

    path: Path
    files: FileSystem = FileSystem()
    every: float = 180.0

    def write(self, state: TrainingState, arrays: Arrays) -> Path:
        """Write a checkpoint, newer than all others, and remove those that are not needed.

        It is written beside its place, brought to the disk and renamed.

        Raises:
            MachineError: It cannot be written; the others are as they were.
        """
        names = self._names()
        number = 1 + max((_number(name) for name in names), default=0)
        batch = f"-batch-{state.place.batch}" if state.place.batch else ""
        whole = self.path / f"{number:04}-epoch-{state.place.epoch}{batch}"
        part = self.path / f".{whole.name}.{os.getpid()}.part"
        with machine_errors(whole):
            try:
                self._write_files(part, state, arrays)
                self.files.rename(str(part), str(whole))
                self.files.sync_directory(str(self.path))
            except OSError:
                with suppress(OSError):
                    self.files.remove_tree(str(part))
                raise
            for name in _not_needed([*names, whole.name]):
                if self.files.is_directory(str(self.path / name)):  # what a link leads to stays
                    self.files.remove_tree(str(self.path / name))
        return whole

    def newest(self) -> Checkpoint:
        """Return the newest checkpoint that is whole.

        Raises:
            CheckpointError: There is none; the message says what is wrong with those that are.
        """
        return self._first_whole(self._names())

    def newest_whole_epoch(self) -> Checkpoint:
        """Return the newest one that is whole and was written after an epoch, not within one.

        Raises:
            CheckpointError: There is none; the message says what is wrong with those that are.
        """
        return self._first_whole([name for name in self._names() if _is_of_epoch(name)])

    @property
    def has_any(self) -> bool:
        """Whether there is any checkpoint, whole or not."""
        return bool(self._names())

    def sweep(self) -> None:
        """Remove what a killed process left half-written; nobody else may be at work here."""
        with suppress(OSError):
            for entry in self.files.entries(str(self.path)):
                if entry.name.startswith(".") and entry.name.endswith(".part"):
                    self.files.remove_tree(entry.path)

    def _write_files(self, part: Path, state: TrainingState, arrays: Arrays) -> None:
        self.files.make_directories(str(self.path))
        self.files.make_directory(str(part))
        digest = sha256()

        def hashed() -> Iterator[bytes | memoryview]:
            for piece in tensor_bytes(arrays):
                digest.update(piece)
                yield piece

        text = dump_json(state).encode()
        self.files.write_new(str(part / TENSORS), hashed(), sync=True)
        self.files.write_new(str(part / STATE), text, sync=True)
        sums = _sums(sha256(text).hexdigest(), digest.hexdigest())
        self.files.write_new(str(part / SUMS), sums, sync=True)
        self.files.sync_directory(str(part))

    def _names(self) -> list[str]:
        """Return the names of all checkpoints, oldest first."""
        try:
            if self.files.status(str(self.path)) is None:
                return []
            names = [entry.name for entry in self.files.entries(str(self.path))]
        except OSError as error:
            reason = error.strerror or error
            raise MachineError(f"{self.path} could not be read: {reason}.") from error
        return sorted(filter(_NAME.fullmatch, names), key=_number)

    def _first_whole(self, names: list[str]) -> Checkpoint:
        damaged: list[str] = []
        for name in reversed(names):
            try:
                state, arrays = self._read(self.path / name)
            except (OSError, ValueError) as error:
                damaged.append(f"{self.path / name}: {error}")
            else:
                return Checkpoint(self.path / name, state, arrays, tuple(damaged))
        if not damaged:
            raise CheckpointError(
                f"Expected a checkpoint in {self.path}; there is none. Nothing was trained that "
                f"could be gone on from: train again."
            )
        raise CheckpointError(
            f"Expected a whole checkpoint in {self.path}; none of {len(damaged)} is: "
            f"{'; '.join(damaged[:SHOWN])}. They are left as they are. Train again."
        )

    def _read(self, path: Path) -> tuple[TrainingState, Arrays]:
        """Read a checkpoint after every byte of it was verified.

        Raises:
            ValueError: It is damaged, or a file cannot be read; the message says where.
            OSError: It cannot be looked into.
        """
        if not self.files.is_directory(str(path)):
            raise ValueError("expected a directory, and no link to one")
        found = sorted(entry.name for entry in self.files.entries(str(path)))
        if found != sorted((TENSORS, STATE, SUMS)):
            raise ValueError(
                f"expected the files {TENSORS}, {STATE}, {SUMS}; found {found[:SHOWN]}"
            )
        sums = self._content(path / SUMS, limit=LARGEST_SUMS)
        text = self._content(path / STATE, limit=LARGEST_STATE)
        data = self._content(path / TENSORS, limit=sys.maxsize)
        for name, content in ((STATE, text), (TENSORS, data)):
            if f"{sha256(content).hexdigest()}  {name}\n".encode() not in sums:
                raise ValueError(f"the SHA-256 of {name} is not the one in {SUMS}")
        if sums != _sums(sha256(text).hexdigest(), sha256(data).hexdigest()):
            raise ValueError(f"{SUMS} is not what was written")
        try:
            state = from_plain(TrainingState, parse_json(text.decode(), limit=LARGEST_STATE))
        except ValueError as error:
            raise ValueError(f"{STATE}: {error}") from error
        return state, read_tensors(memoryview(data))

    def _content(self, path: Path, *, limit: int) -> bytes:
        try:
            content, _ = self.files.read(str(path), limit=limit)
        except OSError as error:
            raise ValueError(f"{path.name} cannot be read ({error.strerror or error})") from error
        return content


def _sums(state: str, tensors: str) -> bytes:
    return f"{state}  {STATE}\n{tensors}  {TENSORS}\n".encode()


def _number(name: str) -> int:
    return int(name.partition("-")[0])


def _is_of_epoch(name: str) -> bool:
    return "-batch-" not in name


def _not_needed(names: list[str]) -> list[str]:
    """Return which checkpoints go: all but the newest, and the newest of a whole epoch.

    Example:
        >>> _not_needed(["0001-epoch-0", "0002-epoch-1", "0003-epoch-1-batch-9",
        ...              "0004-epoch-1-batch-20"])
        ['0001-epoch-0']
    """
    of_epochs = list(filter(_is_of_epoch, names))
    return [name for name in names if name not in {*names[-KEPT:], *of_epochs[-1:]}]
