"""The files of one checkpoint: written with checksums, verified before use."""

import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from imgclass.io.fs import FileSystem
from imgclass.io.strict_json import parse_json
from imgclass.serialization import dump_json, from_plain
from imgclass.training.checkpoints.state import TrainingState
from imgclass.training.checkpoints.tensors import Arrays, read_tensors, tensor_bytes

TENSORS, STATE = "state.safetensors", "state.json"
# Can be checked: `sha256sum -c SHA256SUMS`.
SUMS = "SHA256SUMS"
LARGEST_STATE = 64 * 2**20  # bytes: 100,000 epochs
LARGEST_SUMS = 1_000  # bytes
SHOWN = 5  # files that a message names


def write_checkpoint(
    path: Path, state: TrainingState, arrays: Arrays, *, files: FileSystem
) -> None:
    """Write the files of a checkpoint into the new directory `path`, and bring them to the disk."""
    files.make_directory(str(path))
    digest = sha256()

    def hashed() -> Iterator[bytes | memoryview]:
        for piece in tensor_bytes(arrays):
            digest.update(piece)
            yield piece

    text = dump_json(state).encode()
    files.write_new(str(path / TENSORS), hashed(), sync=True)
    files.write_new(str(path / STATE), text, sync=True)
    sums = _sums(sha256(text).hexdigest(), digest.hexdigest())
    files.write_new(str(path / SUMS), sums, sync=True)
    files.sync_directory(str(path))


def read_checkpoint(path: Path, *, files: FileSystem) -> tuple[TrainingState, Arrays]:
    """Read a checkpoint after verifying every byte of it; a ValueError says what is damaged."""
    if not files.is_directory(str(path)):
        raise ValueError("expected a directory that is not a link")
    found = sorted(entry.name for entry in files.entries(str(path)))
    if found != sorted((TENSORS, STATE, SUMS)):
        raise ValueError(f"expected the files {TENSORS}, {STATE}, {SUMS}; found {found[:SHOWN]}")
    sums = _content(path / SUMS, files, limit=LARGEST_SUMS)
    text = _content(path / STATE, files, limit=LARGEST_STATE)
    data = _content(path / TENSORS, files, limit=sys.maxsize)
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


def _content(path: Path, files: FileSystem, *, limit: int) -> bytes:
    try:
        content, _ = files.read(str(path), limit=limit)
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read ({error.strerror or error})") from error
    return content


def _sums(state: str, tensors: str) -> bytes:
    return f"{state}  {STATE}\n{tensors}  {TENSORS}\n".encode()
