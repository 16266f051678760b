"""A model file: written whole or not at all, and read with what its plugin registers."""

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
from imgclass.io.fs import FileSystem
from imgclass.models.metadata import MEMBER, ModelMetadata, read_metadata, with_metadata
from imgclass.models.preflight import require_harmless
from imgclass.models.required_modules import import_what_it_needs, require_trusted

# A process works with one or two models at a time; what stays here stays in memory.
KEPT = 2
QUOTED = 300  # characters of what Keras says


def describe_model(model: Any, *, origin: Origin, **known: Any) -> ModelMetadata:
    """Return what a model's file should say of itself.

    Args:
        model: As `plain_copy` made it.
        origin: Where its architecture comes from.
        **known: The other fields of `ModelMetadata`.
    """
    from imgclass.models.plain import modules_of

    modules = modules_of(model)
    if modules and origin.distribution != LOCAL:
        # The plugin's own module may register what is defined elsewhere.
        modules = tuple(sorted({*modules, origin.target.partition(":")[0]}))
    return ModelMetadata(origin=origin, modules=modules, version=own_version(), **known)


def save_model(model: Any, path: Path, metadata: ModelMetadata, *, files: FileSystem) -> None:
    """Write a plain model, replacing what was at `path` only when the new file is whole.

    Args:
        model: As `plain_copy` made it.
        path: A `.keras` file.
        metadata: What the file says of itself, in Keras's own `metadata.json`.
        files: The file system.

    Raises:
        OSError: The file cannot be written; what was there before is left as it was.
    """
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
    """Return the `keras.Model` saved at `path`; a file that was not replaced is read once.

    It is checked before Keras is imported, and only what an installed plugin registers is imported
    for it; with `trust`, whatever it names is. Somebody who can write where the file lies can put
    another in its place for the moment in which Keras reads it.

    Args:
        path: A `.keras` file.
        modules: What else to import first.
        trust: Whether to load it without checking it; it may run code of whoever made it.

    Raises:
        RunError: There is no model, or Keras cannot read it.
        ModelFileError: It breaks a rule that keeps files from strangers harmless.
        PluginError: The package that its architecture comes from is not installed, or broken.
    """
    path = path.absolute()
    return _load(path, modules, trust, _stamp(path))


def check_model(path: Path, *, modules: tuple[str, ...] = ()) -> ModelMetadata | None:
    """Check a model file without importing Keras, which takes seconds.

    Args:
        path: A `.keras` file.
        modules: What may be imported for it, beside what an installed plugin registers.

    Returns:
        What the file says of itself; None where imgclass did not write it.

    Raises:
        RunError: There is no model.
        ModelFileError: It breaks a rule that keeps files from strangers harmless.
        PluginError: The package that its architecture comes from is not installed.
    """
    metadata = read_metadata(path)
    named = frozenset[str]() if metadata is None else require_trusted(path, metadata)
    require_harmless(path, trusted_modules=named | {*modules})
    return metadata


@lru_cache(maxsize=KEPT)
def _load(path: Path, modules: tuple[str, ...], trust: bool, stamp: tuple[int, ...]) -> Any:  # noqa: FBT001
    metadata = read_metadata(path, trust=True) if trust else check_model(path, modules=modules)
    for module in modules:
        import_module(module)
    if metadata is not None:
        import_what_it_needs(metadata)
    import keras

    _require_unchanged(path, stamp)
    try:
        with warnings.catch_warnings():
            # Layers for which the file has no weights, which Keras leaves as they were made.
            warnings.filterwarnings("error", message="Skipping nested container")
            model = keras.saving.load_model(path, compile=False, safe_mode=not trust)
    except Exception as error:
        needs = f" It was made by {cut(str(metadata.origin), QUOTED)}." if metadata else ""
        raise RunError(
            f"The model {path} could not be read by Keras {keras.__version__}: "
            f"{_quoted(error)}.{needs} Its architecture's package may be missing, or the file "
            f"damaged."
        ) from error
    _require_unchanged(path, stamp)
    return model


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what changes when another file takes a path, or the same is written again."""
    try:
        status = path.stat()
    except OSError as error:
        raise RunError(f"Expected a saved model; there is no file {path}. Train again.") from error
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _require_unchanged(path: Path, stamp: tuple[int, ...]) -> None:
    if _stamp(path) != stamp:
        raise ModelFileError(f"Refused {path}: It changed while it was read. Load it again.")


def _quoted(error: Exception) -> str:
    """Return the beginning of what Keras says, without its advice to switch the safe mode off."""
    return cut(str(error)[: 10 * QUOTED].partition("If you trust")[0].strip(), QUOTED)


def _add_metadata(by_keras: Path, whole: Path, metadata: ModelMetadata) -> None:
    with zipfile.ZipFile(by_keras) as kept, zipfile.ZipFile(whole, "w") as out:
        for item in kept.infolist():
            if item.filename == MEMBER:
                out.writestr(MEMBER, with_metadata(kept.read(MEMBER), metadata))
                continue
            with kept.open(item) as source, out.open(item.filename, "w", force_zip64=True) as to:
                shutil.copyfileobj(source, to, 2**20)
