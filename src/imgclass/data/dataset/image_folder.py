"""A data set on disk: `root/{train,val,test}/<class>/`, made by the organizer or by hand."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from imgclass.data.dataset.class_tree import read_class_tree
from imgclass.data.dataset.organized import read_left_out, read_organized
from imgclass.data.dataset.record import DATASET, LeftOut
from imgclass.data.manifest import Manifest, Split
from imgclass.formatting import count
from imgclass.io.workers.progress import Progress, following


@dataclass(frozen=True, slots=True, repr=False)
class ImageFolder:
    """Class directories under `root`, and the manifest that says what is in them.

    Attributes:
        root: The data set's folder.
        manifest: Every image, with its class and split.
        left_out: What the organizer found and did not take into the data set.

    Example:
        >>> ImageFolder.open("no/such/folder")
        Traceback (most recent call last):
        imgclass.errors.DatasetError: Expected a data set ... there is no folder.
    """

    root: Path
    manifest: Manifest
    left_out: LeftOut = field(default_factory=LeftOut)

    @classmethod
    def open(cls, root: str | os.PathLike[str], *, progress: Progress | None = None) -> Self:
        """Open a data set, made by the organizer or by anyone else.

        A data set that the organizer made is read from its manifest, and compared with the files
        that are there. Any other tree of class directories is read file by file for sizes and
        hashes; images are decoded only when they are used.

        Args:
            root: A folder with `train`, `val` (or `valid`, `validation`) and perhaps `test`; in
                each, one folder for each class.
            progress: Called with the number of images read, and of all.

        Raises:
            DatasetError: It is not such a folder, or its files are not those of its manifest.
            MachineError: Something in it cannot be read.
        """
        folder = Path(root)
        if (folder / DATASET).is_file():
            return cls(folder, read_organized(folder), read_left_out(folder))
        with following(progress) as steps:
            return cls(folder, *read_class_tree(folder, steps=steps))

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
