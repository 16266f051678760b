"""A folder of checkpoints: keeps the newest, and finds the newest complete one."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from imgclass.errors import CheckpointError, MachineError
from imgclass.io.fs import FileSystem
from imgclass.io.os_errors import machine_errors
from imgclass.training.checkpoints.files import read_checkpoint, write_checkpoint
from imgclass.training.checkpoints.state import TrainingState
from imgclass.training.checkpoints.tensors import Arrays

KEPT = 2
SHOWN = 5  # damaged checkpoints that a message names
_NAME = re.compile(r"(\d{4,})-epoch-(\d+)(-batch-\d+)?")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that was read and verified.

    Attributes:
        path: Its directory.
        state: Where the training stands.
        arrays: Weights, the optimizer's variables and others, by name.
        damaged: What is wrong with newer checkpoints.
    """

    path: Path
    state: TrainingState
    arrays: Arrays
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckpointFolder:
    """The checkpoints of one training, each a directory; the newest two are kept.

    Attributes:
        path: The folder; it is made with the first checkpoint.
        files: The file system.
        every: Seconds after which one is also written within an epoch.

    Example:
        >>> CheckpointFolder(Path("no/such/folder")).newest()
        Traceback (most recent call last):
        imgclass.errors.CheckpointError: Expected a checkpoint in no/such/folder; there is none. ...
    """

    path: Path
    files: FileSystem = FileSystem()
    every: float = 180.0

    def write(self, state: TrainingState, arrays: Arrays) -> Path:
        """Write a checkpoint, then remove those no longer needed.

        It is written under a temporary name, brought to the disk, and renamed.

        Raises:
            MachineError: It cannot be written; the other checkpoints are unchanged.
        """
        names = self._names()
        number = 1 + max((_number(name) for name in names), default=0)
        batch = f"-batch-{state.place.batch}" if state.place.batch else ""
        whole = self.path / f"{number:04}-epoch-{state.place.epoch}{batch}"
        part = self.path / f".{whole.name}.{os.getpid()}.part"
        with machine_errors(whole):
            try:
                self.files.make_directories(str(self.path))
                write_checkpoint(part, state, arrays, files=self.files)
                self.files.rename(str(part), str(whole))
                self.files.sync_directory(str(self.path))
            except OSError:
                with suppress(OSError):
                    self.files.remove_tree(str(part))
                raise
            for name in _not_needed([*names, whole.name]):
                if self.files.is_directory(str(self.path / name)):  # a link is not followed
                    self.files.remove_tree(str(self.path / name))
        return whole

    def newest(self) -> Checkpoint:
        """Return the newest complete checkpoint.

        Raises:
            CheckpointError: There is none; the message says what is wrong with the others.
        """
        return self._first_whole(self._names())

    def newest_whole_epoch(self) -> Checkpoint:
        """Return the newest complete checkpoint written after an epoch, not within one.

        Raises:
            CheckpointError: There is none; the message says what is wrong with the others.
        """
        return self._first_whole([name for name in self._names() if _is_of_epoch(name)])

    @property
    def has_any(self) -> bool:
        """Whether there is any checkpoint, complete or not."""
        return bool(self._names())

    def sweep(self) -> None:
        """Remove what a killed process left half-written; no other process may use the folder."""
        with suppress(OSError):
            for entry in self.files.entries(str(self.path)):
                if entry.name.startswith(".") and entry.name.endswith(".part"):
                    self.files.remove_tree(entry.path)

    def _names(self) -> list[str]:
        """Return all checkpoints' names, oldest first."""
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
                state, arrays = read_checkpoint(self.path / name, files=self.files)
            except (OSError, ValueError) as error:
                damaged.append(f"{self.path / name}: {error}")
            else:
                return Checkpoint(self.path / name, state, arrays, tuple(damaged))
        if not damaged:
            raise CheckpointError(
                f"Expected a checkpoint in {self.path}; there is none. Start a new training."
            )
        raise CheckpointError(
            f"Expected a complete checkpoint in {self.path}; none of {len(damaged)} is: "
            f"{'; '.join(damaged[:SHOWN])}. They are left as they are. Start a new training."
        )


def _number(name: str) -> int:
    return int(name.partition("-")[0])


def _is_of_epoch(name: str) -> bool:
    return "-batch-" not in name


def _not_needed(names: list[str]) -> list[str]:
    """Return which to remove: all but the newest two, and the newest of a whole epoch.

    Example:
        >>> _not_needed(["0001-epoch-0", "0002-epoch-1", "0003-epoch-1-batch-9",
        ...              "0004-epoch-1-batch-20"])
        ['0001-epoch-0']
    """
    of_epochs = list(filter(_is_of_epoch, names))
    return [name for name in names if name not in {*names[-KEPT:], *of_epochs[-1:]}]
