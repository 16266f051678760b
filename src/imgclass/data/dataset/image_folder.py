"""A data set on disk: class folders with or without splits, made by the organizer or by hand."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from imgclass.data.archives.unpack import is_archive
from imgclass.data.dataset.class_tree import read_class_tree
from imgclass.data.dataset.known_tree import read_known_tree
from imgclass.data.dataset.organized import read_left_out, read_organized
from imgclass.data.dataset.plain_tree import read_plain_tree
from imgclass.data.dataset.record import DATASET, LeftOut
from imgclass.data.dataset.split_folders import lacks_val, split_folders
from imgclass.data.manifest import Manifest, Split
from imgclass.errors import DatasetError, UsageError
from imgclass.formatting import count
from imgclass.io.workers.progress import Progress, following


@dataclass(frozen=True, slots=True, repr=False)
class ImageFolder:
    """Class folders under `root`, and the manifest that says which image is in which split.

    Attributes:
        root: The data set's folder.
        manifest: Every image, with its class and split.
        left_out: What was found and not taken into the data set.

    Example:
        >>> ImageFolder.open("no/such/folder")
        Traceback (most recent call last):
        imgclass.errors.DatasetError: Expected a folder of images at ...; there is no folder.
    """

    root: Path
    manifest: Manifest
    left_out: LeftOut = field(default_factory=LeftOut)

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str],
        *,
        val: float | None = None,
        test: float | None = None,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> Self:
        """Open a data set, made by the organizer or by anyone else.

        A data set that the organizer made is read from its manifest, and compared with the files
        that are there. A tree with splits that others made is read file by file for sizes and
        hashes. A tree without splits is split where it is: every image is decoded, so that images
        of one picture come into one split; nothing is written, moved or copied. So is train, if
        there is a test and no val.

        Args:
            root: A folder with one folder for each class; or one with `train`, and `val` or `test`
                or both, and the class folders in them. Other usual names of splits, such as
                `Valid`, `dev` or `testing`, are understood.
            val: Images for val in a tree without splits or without val: a fraction in 0-1 (float)
                or a count (int). By default a tenth, and of fewer than 1,000 images more, up to a
                fifth, so that there are 100.
            test: Images for test in a tree without splits, likewise; 0 for none.
            seed: Another seed gives a tree without splits or without val another split.
            progress: Called with the number of images read, and of all.

        Raises:
            DatasetError: It is not such a folder, its files are not those of its manifest, or a
                class has too few images to be split.
            MachineError: Something in it cannot be read.
            UsageError: A size is impossible, or the data set has splits of its own.
            InterruptedRunError: The user pressed Ctrl-C.
        """
        folder = Path(root)
        if is_plain(folder):
            with following(progress) as steps:
                found = read_plain_tree(folder, val=val, test=test, seed=seed, steps=steps)
            return cls(folder, *found)
        splits_off = lacks_val(folder) and not (folder / DATASET).is_file()
        if test is not None or ((val, seed) != (None, 0) and not splits_off):
            raise UsageError(
                f"Expected val, test and seed only for a tree without splits; {str(folder)!r} has "
                f"its own. Leave them out."
            )
        if (folder / DATASET).is_file():
            return cls(folder, read_organized(folder), read_left_out(folder))
        with following(progress) as steps:
            return cls(folder, *read_class_tree(folder, steps=steps, val=val, seed=seed))

    def __repr__(self) -> str:
        images = ", ".join(f"{number:,} {split}" for split, number in self.counts.items() if number)
        classes = count(len(self.class_names), "class", "classes")
        return f"<ImageFolder {self.root}: {images} images of {classes}>"

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of every flow's and model's indices."""
        return self.manifest.class_names

    @property
    def counts(self) -> dict[Split, int]:
        """Number of images in each split."""
        return self.manifest.counts

    def paths(self, split: Split) -> tuple[Path, ...]:
        """Return the files of one split, in the manifest's order."""
        return tuple(self.root / sample.path for sample in self.manifest.of(split))


def open_again(root: str | os.PathLike[str], known: Manifest) -> ImageFolder:
    """Open a data set as it is now; images that imgclass split keep the splits of `known`."""
    folder = Path(root)
    if not is_plain(folder) and ((folder / DATASET).is_file() or not lacks_val(folder)):
        return ImageFolder.open(folder)
    with following(None) as steps:
        return ImageFolder(folder, *read_known_tree(folder, known, steps=steps))


def is_plain(root: Path) -> bool:
    """Return whether a folder has no splits of its own, and no record of the organizer's."""
    if not root.is_dir():
        found = "it is a file" if root.exists() else "there is no folder"
        advice = (
            f" `imgclass organize {root} --out DATA` makes a data set of it."
            if is_archive(root)
            else ""
        )
        raise DatasetError(f"Expected a folder of images at {str(root)!r}; {found}.{advice}")
    return not (root / DATASET).is_file() and not split_folders(root)
