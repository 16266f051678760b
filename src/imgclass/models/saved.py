"""A model file: written whole or not at all, and read with what its plugin registers."""

import os
import shutil
import zipfile
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from imgclass.distributions import is_installed, own_version
from imgclass.entry_points import LOCAL, Origin
from imgclass.errors import PluginError, RunError
from imgclass.io.fs import FileSystem
from imgclass.models.metadata import MEMBER, ModelMetadata, read_metadata, with_metadata

# A process works with one or two models at a time; what stays here stays in memory.
KEPT = 2


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

    What a plugin registers is imported first; nothing else that the file names is.

    Args:
        path: A `.keras` file.
        modules: What else to import first.
        trust: Whether to load it without checking it; it may run code of whoever made it.

    Raises:
        RunError: There is no model, or Keras cannot read it.
        ModelFileError: It breaks a rule that keeps files from strangers harmless.
        PluginError: The package that its architecture comes from is not installed, or broken.
    """
    del trust
    path = path.absolute()
    try:
        status = path.stat()
    except OSError as error:
        raise RunError(f"Expected a saved model; there is no file {path}. Train again.") from error
    return _load(path, modules, (status.st_ino, status.st_size, status.st_mtime_ns))


@lru_cache(maxsize=KEPT)
def _load(path: Path, modules: tuple[str, ...], stamp: tuple[int, ...]) -> Any:
    del stamp  # another file at the same path is another model
    metadata = read_metadata(path)
    for module in modules:
        import_module(module)
    if metadata is not None:
        import_what_it_needs(metadata)
    import keras

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        needs = f" It was made by {metadata.origin}." if metadata else ""
        raise RunError(
            f"The model {path} could not be read by Keras {keras.__version__}: {error}.{needs} "
            f"Its architecture's package may be missing, or the file damaged."
        ) from error


def import_what_it_needs(metadata: ModelMetadata) -> None:
    """Import the modules in which a plugin registers its layers.

    Raises:
        PluginError: One cannot be imported; the message says how to install its package.
    """
    origin = metadata.origin
    for module in metadata.modules:
        try:
            import_module(module)
        except Exception as error:
            if is_installed(origin.distribution):
                remedy = f"Install {origin.distribution} {origin.version} again."
            elif origin.version:
                remedy = f"Install it: pip install {origin.distribution}=={origin.version}"
            else:
                remedy = f"Run where {module} can be imported (PYTHONPATH)."
            raise PluginError(
                f"This model needs the architecture {metadata.architecture!r} of {origin}, which "
                f"could not be imported: {type(error).__name__}: {error}.",
                remedy=remedy,
            ) from error


def _add_metadata(by_keras: Path, whole: Path, metadata: ModelMetadata) -> None:
    with zipfile.ZipFile(by_keras) as kept, zipfile.ZipFile(whole, "w") as out:
        for item in kept.infolist():
            if item.filename == MEMBER:
                out.writestr(MEMBER, with_metadata(kept.read(MEMBER), metadata))
                continue
            with kept.open(item) as source, out.open(item.filename, "w", force_zip64=True) as to:
                shutil.copyfileobj(source, to, 2**20)
