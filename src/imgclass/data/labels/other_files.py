"""What lies in a folder in place of an image that a row names: another format, another case."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from imgclass.images.formats import split_extension
from imgclass.images.ignored_files import UNREAD_PICTURES


class OtherFiles:
    """Finds files that are not the image that an id means, but might have been meant.

    Example:
        >>> OtherFiles(["IMG_20.NEF"]).what_is_there("IMG_20")
        "'IMG_20.NEF' is there; .nef files are not read: convert it to JPEG or PNG"
        >>> OtherFiles(["Cat.JPG"]).what_is_there("cat")
        "'Cat.JPG' is there, which differs in upper and lower case"
    """

    def __init__(self, files: Sequence[str]) -> None:
        self._files = files
        self._by_stem: dict[str, str] | None = None

    def what_is_there(self, image_id: str) -> str:
        """Say which file is there and why it is not the image; empty if there is none."""
        file = self._stems().get(_stem(image_id))
        if file is None:
            return ""
        if split_extension(file)[1]:
            return f"{file!r} is there, which differs in upper and lower case"
        ending = PurePosixPath(file).suffix[1:].lower()
        if not ending:
            return ""
        advice = ": convert it to JPEG or PNG" if ending in UNREAD_PICTURES else ""
        return f"{file!r} is there; .{ending} files are not read{advice}"

    def _stems(self) -> dict[str, str]:
        if self._by_stem is None:
            # Images last, so that they count before files of other formats.
            ordered = sorted(self._files, key=lambda file: bool(split_extension(file)[1]))
            self._by_stem = {_stem(file): file for file in ordered}
        return self._by_stem


def _stem(path: str) -> str:
    path = path.replace("\\", "/").removeprefix("./").casefold()
    stem, _, ending = path.rpartition(".")
    is_ending = ending.isalnum() and not ending.isdecimal()  # v1.5 is a name
    return stem if stem and is_ending else path
