"""A data set on disk: `root/{train,val,test}/<class>/`, made by the organizer or by hand."""

from dataclasses import dataclass
from pathlib import Path

from imgclass.data.manifest import Manifest, Sample, Split


@dataclass(frozen=True, slots=True)
class ImageFolder:
    """Class directories under `root`, and the manifest that says what is in them.

    Attributes:
        root: The data set's folder.
        manifest: Every image, with its class and split.
    """

    root: Path
    manifest: Manifest

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
