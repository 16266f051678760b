"""Reading a data set that the organizer made: record, manifest, what was left out."""

from collections.abc import Iterator
from pathlib import Path

from imgclass.data.dataset.record import DATASET, FORMAT, LEFT_OUT, MANIFEST, DatasetRecord, LeftOut
from imgclass.data.faults import listing
from imgclass.data.manifest import SPLITS, Manifest, read_manifest
from imgclass.errors import DatasetError, MachineError
from imgclass.images.folder_contents import scan_images
from imgclass.serialization import read_json

LARGEST = 2**30  # bytes of left_out.json: very many images may have been left out


def read_record(root: Path) -> DatasetRecord:
    """Read `dataset.json`; one that is damaged, or of another format, is a DatasetError."""
    try:
        record = read_json(DatasetRecord, root / DATASET, links=True)
    except ValueError as error:
        raise DatasetError(f"Expected a record that imgclass wrote: {error}") from error
    except OSError as error:
        raise MachineError(f"Expected to read {root / DATASET}: {error}.") from error
    if record.format != FORMAT:
        raise DatasetError(
            f"Expected format {FORMAT} in {root / DATASET}; received {record.format}. "
            "Install the imgclass that made it, or a newer one."
        )
    return record


def read_dataset(root: Path) -> tuple[DatasetRecord, Manifest]:
    """Read `dataset.json` and the manifest, without a look at the images."""
    record = read_record(root)
    return record, read_manifest(root / MANIFEST, record.class_names)


def read_left_out(root: Path) -> LeftOut:
    """Read `left_out.json`; if there is none, nothing was left out."""
    path = root / LEFT_OUT
    try:
        return read_json(LeftOut, path, limit=LARGEST, links=True) if path.exists() else LeftOut()
    except ValueError as error:
        raise DatasetError(f"Expected a report that imgclass wrote: {error}") from error


def read_organized(root: Path) -> Manifest:
    """Read the manifest of a data set; the files that are there must be those that it lists."""
    record, manifest = read_dataset(root)
    listed = {sample.path for sample in manifest.samples}
    linked = record.options.transfer == "symlink"
    found = {f"{split}/{path}" for split in SPLITS for path in _files(root / split, linked=linked)}
    problems = [
        f"{len(names)} {what}: {listing(sorted(names))}"
        for what, names in (
            ("are listed and not there", listed - found),
            ("are there and not listed", found - listed),
        )
        if names
    ]
    if problems:
        raise DatasetError(
            f"Expected the files of {root} to be those of its {MANIFEST}; {'; '.join(problems)}. "
            "Restore them, or organize again into a new folder."
        )
    return manifest


def _files(folder: Path, *, linked: bool) -> Iterator[str]:
    if folder.is_dir():
        found = scan_images(folder)
        yield from found.files
        for path, kind in found.others.items():
            # Where images are links, one that leads nowhere is a missing image.
            if not linked or kind == "a symbolic link":
                yield path
