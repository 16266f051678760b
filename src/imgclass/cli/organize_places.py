"""What the words of `imgclass organize` name: labels, images, and the new folder."""

from collections.abc import Sequence
from pathlib import Path

from imgclass.cli.output import note
from imgclass.data.archives.unpack import is_archive
from imgclass.errors import UsageError


def places_of(
    words: Sequence[Path], out: Path | None, *, dry_run: bool
) -> tuple[Path | None, Path, Path | None]:
    """Return the labels, if they are named, the images, and the new folder."""
    if out is None and len(words) == len(("labels", "images", "out")):
        return words[0], words[1], words[2]
    if not 1 <= len(words) <= len(("labels", "images")) or (out is None and not dry_run):
        raise UsageError(
            "Expected [LABELS] IMAGES --out OUT, or --undo OUT alone: imgclass organize photos "
            "--out data, or imgclass organize labels.csv photos --out data. See `imgclass organize "
            "--help`."
        )
    if len(words) == 1:
        _require_images(words[0])
        return None, words[0], out
    return words[0], words[1], out


def _require_images(path: Path) -> None:
    if path.is_file() and not is_archive(path):
        raise UsageError(
            f"Expected a folder of images, a zip or a tar; received the file {path}. If it is the "
            f"table of labels, name the images, too: imgclass organize {path} IMAGES --out OUT."
        )


def say_where_it_is_unpacked(images: Path, out: Path | None) -> None:
    """Say that an archive takes space for the time of the call, and where."""
    if is_archive(images):
        where = "into a temporary folder" if out is None else f"beside {out}"
        note(f"unpacking {images} {where}; removed at the end")
