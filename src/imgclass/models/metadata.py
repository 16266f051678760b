"""What a model file says of itself beside Keras's part: classes, image size, its origin."""

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from imgclass.entry_points import Origin
from imgclass.errors import RunError
from imgclass.images.resizing import Resize
from imgclass.models.preflight.archive import open_archive
from imgclass.models.preflight.checks import refusing
from imgclass.models.preflight.plain_json import LARGEST, parse
from imgclass.models.preflight.refusal import Refused
from imgclass.serialization import FORMERLY, from_plain, to_plain

MEMBER = "metadata.json"  # of the zip archive that a .keras file is; Keras loads without reading it
KEY = "imgclass"


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """What is needed to predict with a model file alone.

    Attributes:
        class_names: Names of the model's outputs, in order.
        image_size: `(height, width)` in pixels that the model takes.
        resize: How an image is brought to that size: `stretch`, `crop` or `pad`.
        tta: Whether predictions are means over an image and its mirror image.
        architecture: The name it was built by.
        origin: The package that brought the architecture.
        modules: What registers the layers that are not Keras's own; imported before loading.
        version: Of imgclass, when the file was written.
        epoch: Position in its run's history of the epoch whose weights it has, from 0; None where
            they are of no whole epoch.

    Example:
        >>> origin = Origin("imgclass-keras", "0.2.0", "imgclass.models.cnn:cnn")
        >>> ModelMetadata(("cat", "dog"), (32, 32), "stretch", False, "cnn", origin).modules
        ()
    """

    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    resize: Resize = field(metadata={FORMERLY: "fit"})
    tta: bool
    architecture: str
    origin: Origin
    modules: tuple[str, ...] = ()
    version: str = ""
    epoch: int | None = None


def with_metadata(plain: bytes, metadata: ModelMetadata) -> bytes:
    """Return Keras's own `metadata.json` with ours in it."""
    return json.dumps(json.loads(plain) | {KEY: to_plain(metadata)}).encode()


def read_metadata(path: Path, *, trust: bool = False) -> ModelMetadata | None:
    """Return what a `.keras` file says of itself; None where imgclass did not write it.

    Args:
        path: The file.
        trust: Whether to read it however large it is, and whatever else it holds.

    Raises:
        RunError: There is no such file.
        ModelFileError: It is no `.keras` file, or what it says is damaged.
    """
    try:
        path.lstat()
    except OSError as error:
        raise RunError(f"Expected a model that Keras saved; {path} is none: {error}") from error
    with refusing(path):
        try:
            plain = parse(_trusted(path) if trust else _checked(path), member=MEMBER)
            own = plain.get(KEY)
            return None if own is None else from_plain(ModelMetadata, own)
        except (ValueError, LookupError, AttributeError, zipfile.BadZipFile) as error:
            raise Refused(f"Its {MEMBER} is damaged: {error}") from error


def _checked(path: Path) -> bytes:
    with open_archive(path) as archive:
        return archive.read(MEMBER)


def _trusted(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as member:
        return member.read(LARGEST)
