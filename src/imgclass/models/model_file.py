"""Model files: written completely or not at all, checked, and loaded."""

import os
import shutil
import warnings
import zipfile
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from imgclass.distributions import own_version
from imgclass.entry_points import LOCAL, Origin
from imgclass.errors import ModelFileError, RunError
from imgclass.formatting import cut
from imgclass.global_state import collecting_later
from imgclass.io.fs import FileSystem
from imgclass.models.metadata import MEMBER, ModelMetadata, read_metadata, with_metadata
from imgclass.models.preflight import require_harmless
from imgclass.models.required_modules import import_what_it_needs, require_trusted

KEPT = 2  # models in memory: a process works with one or two at a time
QUOTED = 300  # characters of what Keras says


def describe_model(model: Any, *, origin: Origin, **known: Any) -> ModelMetadata:
    """Return the metadata for a `plain_copy`; `known` are the other fields of `ModelMetadata`."""
    from imgclass.models.plain import modules_of

    modules = modules_of(model)
    if modules and origin.distribution != LOCAL:
        # The plugin's module may register layers of other modules.
        modules = tuple(sorted({*modules, origin.target.partition(":")[0]}))
    return ModelMetadata(origin=origin, modules=modules, version=own_version(), **known)


def save_model(model: Any, path: Path, metadata: ModelMetadata, *, files: FileSystem) -> None:
    """Write a `plain_copy`; an existing file is replaced only when the new one is complete."""
    by_keras = path.with_name(f".{path.stem}.{os.getpid()}.keras")
    whole = path.with_name(f".{path.stem}.{os.getpid()}.part")
    try:
        files.call(model.save, by_keras)
        files.call(_add_metadata, by_keras, whole, metadata)
        files.sync_file(str(whole))
        files.replace(str(whole), str(path))
        files.sync_directory(str(path.parent))
    finally:
        for part in (by_keras, whole):
            part.unlink(missing_ok=True)


def load_model(path: Path, *, modules: tuple[str, ...] = (), trust: bool = False) -> Any:
    """Return the `keras.Model` saved at `path`; it is read again only if the file has changed.

    The file is checked before Keras is imported. Of the modules that it names, only those of
    installed plugins are imported. With `trust`, it is not checked, all of them are imported, and
    it may run code of whoever made it. `modules` are imported first. Someone who can write to the
    folder could still exchange the file in the moment in which Keras reads it.

    Raises:
        RunError: There is no such file, or Keras cannot load it.
        ModelFileError: It breaks a rule that keeps files from strangers harmless.
        PluginError: The package that provides its architecture is not installed, or is broken.
    """
    path = path.absolute()
    return _load(path, modules, trust, _stamp(path))


def check_model(path: Path, *, modules: tuple[str, ...] = ()) -> ModelMetadata | None:
    """Check a file as `load_model` does, without importing Keras, which takes seconds.

    The result is its metadata; None if imgclass did not write it.
    """
    metadata = read_metadata(path)
    named = frozenset[str]() if metadata is None else require_trusted(path, metadata)
    require_harmless(path, trusted_modules=named | {*modules})
    return metadata


@lru_cache(maxsize=KEPT)
def _load(path: Path, modules: tuple[str, ...], trust: bool, stamp: tuple[int, ...]) -> Any:  # noqa: FBT001
    metadata = read_metadata(path, trust=True) if trust else check_model(path, modules=modules)
    with collecting_later():
        for module in modules:
            import_module(module)
        if metadata is not None:
            import_what_it_needs(metadata)
        import keras

    _require_unchanged(path, stamp)
    try:
        with warnings.catch_warnings():
            # Keras only warns of layers without weights in the file, and leaves them random.
            warnings.filterwarnings("error", message="Skipping nested container")
            model = keras.saving.load_model(path, compile=False, safe_mode=not trust)
    except Exception as error:
        needs = (
            f" Its architecture is from {cut(str(metadata.origin), QUOTED)}." if metadata else ""
        )
        raise RunError(
            f"The model {path} could not be read by Keras {keras.__version__}: "
            f"{_quoted(error)}.{needs} The file may be damaged, or the package of its architecture "
            f"may be missing."
        ) from error
    _require_unchanged(path, stamp)
    return model


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what differs after the file was replaced or written again."""
    try:
        status = path.stat()
    except OSError as error:
        raise RunError(f"Expected a saved model; there is no file {path}. Train again.") from error
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _require_unchanged(path: Path, stamp: tuple[int, ...]) -> None:
    if _stamp(path) != stamp:
        raise ModelFileError(f"Refused {path}: It changed while it was read. Load it again.")


def _quoted(error: Exception) -> str:
    """Shorten Keras's message, and leave out its advice to switch off the safe mode."""
    return cut(str(error)[: 10 * QUOTED].partition("If you trust")[0].strip(), QUOTED)


def _add_metadata(by_keras: Path, whole: Path, metadata: ModelMetadata) -> None:
    with zipfile.ZipFile(by_keras) as kept, zipfile.ZipFile(whole, "w") as out:
        for item in kept.infolist():
            if item.filename == MEMBER:
                out.writestr(MEMBER, with_metadata(kept.read(MEMBER), metadata))
                continue
            with kept.open(item) as source, out.open(item.filename, "w", force_zip64=True) as to:
                shutil.copyfileobj(source, to, 2**20)
