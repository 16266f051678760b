"""The path of an image in an organized data set: reversible and portable."""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from imgclass.data.class_names import MAX_NAME_BYTES, class_directory
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.manifest import Split
from imgclass.errors import LabelsError

# As in class directories, and also control characters and bytes that are not UTF-8, which neither
# Windows nor TensorFlow accepts.
_ESCAPED = re.compile(r'[%/\\:*?"<>|\x00-\x1f\x7f\udc80-\udcff]|^[. ]|[. ]\Z')

_directory = lru_cache(maxsize=10_000)(class_directory)  # called for every image


def sample_path(row: LabelledImage, split: Split) -> str:
    """Return the path of an image in the data set: `train/cat/12.jpg`.

    What lay in the folder of its class keeps its name in that folder.
    """
    name = file_name(row.source.removeprefix(row.class_folder))
    return f"{split}/{_directory(row.label)}/{name}"


def file_name(source: str) -> str:
    r"""Return the file name of the image that came from `source`, a path with `/`.

    What some file system forbids is escaped as in URLs, and so is `/`: different sources have
    different names.

    Example:
        >>> file_name("12.jpg"), file_name("cats/a:b.png"), file_name(".\udcff.png")
        ('12.jpg', 'cats%2Fa%3Ab.png', '%2E%FF.png')
    """
    name = _ESCAPED.sub(_escape, source)
    if (size := len(name.encode())) > MAX_NAME_BYTES:
        raise LabelsError(
            f"Expected the image {source!r} to have a name of at most {MAX_NAME_BYTES} bytes; "
            f"received {size}, subfolders included. Give it a shorter one."
        )
    return name


def file_source(name: str) -> str:
    """Return the source whose `file_name` is `name`."""
    return unquote_to_bytes(name).decode("utf-8", "surrogateescape")


def _escape(found: re.Match[str]) -> str:
    return f"%{found[0].encode('utf-8', 'surrogateescape')[0]:02X}"
