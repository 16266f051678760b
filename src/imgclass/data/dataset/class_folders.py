"""The images in class folders: listed, and read where they are."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from imgclass.data.dataset.scan import Scan, scan
from imgclass.data.faults import listing
from imgclass.data.inspection import Inspector
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.options import Check
from imgclass.formatting import count
from imgclass.images.folder_contents import linked_files, scan_images
from imgclass.images.formats import split_extension
from imgclass.io.fs import FileSystem
from imgclass.io.workers.pool import run_jobs
from imgclass.io.workers.progress import Steps

SHAPE = (
    "Expected a folder for each class, <class>/<image>, or the classes within splits: "
    "train/<class>/<image>, val/<class>/<image> and, if there is one, test/<class>/<image>. "
    "A folder of images and a CSV of labels become one by `imgclass organize LABELS IMAGES OUT`."
)
NO_TEST = "There is no test split: the scores on val are the final ones."
FEWEST = 500  # photographs of 500 x 375; fewer do not win back the start of worker processes


def folder_names(root: Path) -> list[str]:
    """Return the names of the folders in `root`, sorted, without the hidden ones."""
    entries = root.iterdir() if root.is_dir() else ()
    return sorted(entry.name for entry in entries if entry.is_dir() and entry.name[0] != ".")


def list_images(root: Path, folder: str, others: list[str]) -> Iterator[LabelledImage]:
    """Yield the images in the class folders of `root/folder`, and put other paths into `others`.

    Links to images count as images, links to folders do not.
    """
    prefix = f"{folder}/" if folder else ""
    found = scan_images(root / folder)
    links = linked_files(found, root / folder)
    others += [prefix + path for path in found.others if path not in links]
    for path in sorted((*found.files, *links)):
        label, inside, _ = path.partition("/")
        if inside and split_extension(path)[1]:
            yield LabelledImage(prefix + path, label, prefix + path, line=0)
        else:
            others.append(prefix + path)


def others_notice(others: list[str]) -> Iterator[str]:
    """Name the entries that are no images in class folders."""
    if others:
        number = count(len(others), "entry is no image in a", "entries are no images in a")
        yield f"{number} class folder: {listing(others)}."


def read_images(
    root: Path, rows: Sequence[LabelledImage], steps: Steps, *, check: Check, prints: bool = False
) -> Scan:
    """Read each image once, as closely as `check` says; `prints` are for finding duplicates."""
    # Links to images are followed: nothing is written, and such trees often hold links.
    home = os.path.realpath(root)
    paths = [os.path.relpath(os.path.realpath(root / row.source), home) for row in rows]

    def run(*job: Any, **options: Any) -> Iterator[Any]:
        fewest = FEWEST if prints else None
        return steps.count(
            run_jobs(*job, files=FileSystem(), steps=steps, fewest=fewest, **options)
        )

    return scan(run, Inspector(home, check=check, fingerprints=prints, reduced=prints), paths)
