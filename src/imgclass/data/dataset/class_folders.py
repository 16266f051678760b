"""The images in class folders: listed, and read where they are."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imgclass.data.dataset.scan import Scan, scan
from imgclass.data.inspection import Inspector
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.manifest import Split
from imgclass.data.options import Check
from imgclass.images.folder_contents import linked_files, scan_with_links
from imgclass.images.formats import split_extension
from imgclass.images.ignored_files import FILE, describe_ignored
from imgclass.io.fs import FileSystem
from imgclass.io.workers.pool import run_jobs
from imgclass.io.workers.progress import Steps

SHAPE = (
    "Expected a folder for each class, <class>/<image>, or the classes within splits: "
    "train/<class>/<image>, val/<class>/<image> and, if there is one, test/<class>/<image>. "
    "A folder of images and a CSV of labels become one by `imgclass organize LABELS IMAGES OUT`."
)
FEWEST = 500  # photographs of 500 x 375; fewer do not win back the start of worker processes


@dataclass(slots=True)
class Others:
    """What is no image in a class folder: the kind of each entry, and how many are hidden."""

    kinds: dict[str, str] = field(default_factory=dict)
    hidden: int = 0


def folder_names(root: Path) -> list[str]:
    """Return the names of the folders in `root`, sorted, without the hidden ones."""
    entries = root.iterdir() if root.is_dir() else ()
    return sorted(entry.name for entry in entries if entry.is_dir() and entry.name[0] != ".")


def list_images(
    root: Path,
    folder: str,
    others: Others,
    *,
    split: Split | None = None,
    known: Collection[str] = (),
) -> Iterator[LabelledImage]:
    """Yield the images in the class folders of `root/folder`, and put the rest into `others`.

    Links to images count as images, and links to folders inside of `root` as class folders.
    `split` is that of all images; files in `known`, relative to `root`, count as if they were
    there.
    """
    prefix = f"{folder}/" if folder else ""
    found = scan_with_links(root / folder, inside=root)
    links = linked_files(found, root / folder)
    others.hidden += found.hidden
    others.kinds |= {
        prefix + path: kind for path, kind in found.others.items() if path not in links
    }
    absent = {path.removeprefix(prefix) for path in known if path.startswith(prefix)}
    for path in sorted({*found.files, *links, *absent}):
        label, inside, _ = path.partition("/")
        source = prefix + path
        if inside and split_extension(path)[1]:
            yield LabelledImage(
                source, label, source, line=0, split=split, class_folder=f"{prefix}{label}/"
            )
        else:
            others.kinds[source] = FILE


def own_path(row: LabelledImage, _split: Split) -> str:
    """Return the path of an image that stays where it is."""
    return row.source


def others_notice(others: Others) -> Iterator[str]:
    """Say why entries are no images in class folders, a sentence for each reason."""
    yield from describe_ignored(others.kinds, hidden=others.hidden)


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
