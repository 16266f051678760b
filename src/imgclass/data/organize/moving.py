"""Moving: an image is removed only when its copy has been read back and found equal."""

from collections.abc import Sequence

from imgclass.data.faults import Faults
from imgclass.data.inspection import Inspection
from imgclass.data.labels.labels import LabelledImage
from imgclass.data.manifest import Manifest
from imgclass.data.organize.comparing import remove_source
from imgclass.data.organize.work import Work
from imgclass.errors import UnsafeError


def require_single_names(rows: Sequence[LabelledImage], inspections: Sequence[Inspection]) -> None:
    """Refuse to move two names of one file: removing both would be no move.

    Raises:
        UnsafeError: Two of the sources are one file; the message names them.
    """
    first: dict[tuple[int, ...], str] = {}  # by device and inode
    faults = Faults()
    for row, found in zip(rows, inspections, strict=True):
        other = first.setdefault(found.stamp[:2], row.source)
        if found.stamp and other != row.source:
            faults.add(f"{other!r} and {row.source!r}")
    if faults:
        raise UnsafeError(
            f"Expected every image to move to be a file of its own; {len(faults)} pairs are two "
            f"names of one file. Copy instead (--transfer copy):\n{faults}"
        )


def remove_sources(work: Work, manifest: Manifest) -> None:
    """Remove from the folder of images what is in the data set, each after comparing its bytes.

    Raises:
        UnsafeError: Some were left, since they or their copies are not what the manifest says.
    """
    images, root = work.place.images, work.place.root
    arguments = [
        (f"{images}/{sample.source}", f"{root}/{sample.path}", sample.sha256)
        for sample in manifest.samples
    ]
    left = Faults()
    for sample, problem in zip(manifest.samples, work.run(remove_source, arguments), strict=True):
        if problem:
            left.add(f"{sample.source!r}: {problem}")
    if left:
        raise UnsafeError(
            f"Expected moved images to be unchanged; {len(left)} were left in {images}, since they "
            f"differ from those in {root}; compare them by eye:\n{left}"
        )
