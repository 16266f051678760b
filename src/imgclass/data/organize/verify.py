"""Whether the files of a data set still hold what its manifest says, byte for byte."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import file_digest
from pathlib import Path

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.faults import listing
from imgclass.data.manifest import Sample
from imgclass.errors import DatasetError
from imgclass.io.regular_file import open_regular

READERS = 8  # threads: reading waits for the disk, and hashing lets others run


def require_unchanged(folder: ImageFolder) -> None:
    """Refuse a data set in which an image is not what it was.

    Raises:
        DatasetError: Images have changed, or cannot be read; the message names them.
    """
    samples = folder.manifest.samples
    with ThreadPoolExecutor(READERS) as readers:
        faults = readers.map(lambda sample: _fault(folder.root, sample), samples, chunksize=64)
        changed = [fault for fault in faults if fault]
    if changed:
        raise DatasetError(
            f"Expected the images of {folder.root} as they were; {listing(changed)}. Put back what "
            f"was there, or train anew."
        )


def _fault(root: Path, sample: Sample) -> str:
    try:
        with open_regular(root / sample.path) as file:
            is_same = file_digest(file, "sha256").hexdigest() == sample.sha256
    except OSError as error:
        return f"{sample.path} cannot be read ({error.strerror or error})"
    return "" if is_same else f"{sample.path} has other bytes"
