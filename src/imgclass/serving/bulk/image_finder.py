"""The images that the ids of a sample submission mean."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from imgclass.data.labels.image_index import ImageIndex
from imgclass.images.formats import split_extension


@dataclass(frozen=True, slots=True)
class ImageFinder:
    """Finds images by id, among paths that may lie in several folders.

    Attributes:
        index: Finds them by their path below the folder that they have in common.
        paths: The images as they were named, by that path.

    Example:
        >>> ImageFinder.of(["new/a/07.jpg", "new/b/8.jpg"]).find("7")
        ()
        >>> ImageFinder.of(["new/a/07.jpg", "new/b/8.jpg"]).find("8.jpg")
        ('new/b/8.jpg',)
    """

    index: ImageIndex
    paths: Mapping[str, str]

    @classmethod
    def of(cls, images: Sequence[str]) -> "ImageFinder":
        """Index the images by their paths below the folder that they have in common."""
        absolute = [os.path.abspath(image) for image in images]  # noqa: PTH100 - very many
        try:
            home = os.path.commonpath({os.path.dirname(path) for path in absolute})  # noqa: PTH120
        except ValueError:  # no image at all, or two drives of Windows
            home = ""
        start = len(home.rstrip(os.sep)) + 1 if home else 0
        paths = {
            path[start:].replace(os.sep, "/"): image
            for path, image in zip(absolute, images, strict=True)
        }
        return cls(ImageIndex(tuple(paths)), paths)

    def find(self, image_id: str) -> tuple[str, ...]:
        """Return the images that an id can mean; its folders may lie above the common one."""
        files = self.index.find(image_id).files
        if not files and "/" in image_id:
            stem = split_extension(image_id)[0]
            named = self.index.find(PurePath(image_id).name).files
            files = tuple(file for file in named if _stem(self.paths[file]).endswith(f"/{stem}"))
        return tuple(self.paths[file] for file in files)


def _stem(image: str) -> str:
    path = os.path.abspath(image).replace(os.sep, "/")  # noqa: PTH100 - no link is followed
    return split_extension(path)[0]
