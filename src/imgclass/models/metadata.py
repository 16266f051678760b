"""What imgclass adds to a model file: the classes, the image size, where it comes from."""

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from imgclass.entry_points import Origin
from imgclass.errors import RunError
from imgclass.images import Resize
from imgclass.models.preflight.archive import open_archive
from imgclass.models.preflight.checks import refusing
from imgclass.models.preflight.plain_json import LARGEST, parse
from imgclass.models.preflight.refusal import Refused
from imgclass.serialization import from_plain, to_plain
from imgclass.settings import FORMERLY

MEMBER = "metadata.json"  # a file of the zip archive; Keras writes it and does not read it
KEY = "imgclass"


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """What predicting with a model file alone needs to know.

    Attributes:
        class_names: Names of the model's outputs, in order.
        image_size: `(height, width)` in pixels.
        resize: `stretch`, `crop` or `pad`.
        tta: Whether a prediction is the mean over an image and its mirror image.
        architecture: The name of the architecture.
        origin: The package that provides the architecture.
        modules: Imported before loading: they register layers that are not Keras's own.
        version: The version of imgclass that wrote the file.
        epoch: The epoch, from 0, at whose end the weights were saved; None if not at an end.
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
    """Add ours to Keras's `metadata.json`."""
    return json.dumps(json.loads(plain) | {KEY: to_plain(metadata)}).encode()


def read_metadata(path: Path, *, trust: bool = False) -> ModelMetadata | None:
    """Return the metadata of a `.keras` file; None if imgclass did not write it.

    With `trust`, the other contents of the file are not checked.
    """
    try:
        path.lstat()
    except OSError as error:
        raise RunError(f"Expected a model that Keras saved; received {path}: {error}") from error
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
