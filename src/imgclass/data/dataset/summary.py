"""What the images of a data set are like: their sizes and formats."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from imgclass.data.manifest import Manifest
from imgclass.images.formats import FORMAT_OF, split_extension

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """Sizes and formats of the images of a data set.

    Attributes:
        smallest: `(height, width)` in pixels of the image with the fewest; None if no size is
            known, as with `--check-images off`.
        median: That of the image in the middle.
        largest: That of the image with the most pixels.
        formats: Number of images of each format, most first.

    Example:
        >>> summary = ImageSummary((32, 32), (32, 32), (64, 48), {"PNG": 3})
        >>> summary.largest
        (64, 48)
    """

    smallest: Size | None
    median: Size | None
    largest: Size | None
    formats: Mapping[str, int] = field(hash=False)


def summarize(manifest: Manifest) -> ImageSummary:
    """Return the sizes and formats of all images of a data set; no file is opened."""
    return image_summary(
        ((sample.height, sample.width) for sample in manifest.samples),
        (_format(sample.path) for sample in manifest.samples),
    )


def image_summary(sizes: Iterable[Size], formats: Iterable[str]) -> ImageSummary:
    """Return the summary of images of these sizes, `(0, 0)` if unknown, and formats.

    Example:
        >>> image_summary([(2, 2), (0, 0), (1, 3)], ["PNG", "PNG", "JPEG"]).smallest
        (1, 3)
    """
    known = sorted((size for size in sizes if all(size)), key=lambda s: (s[0] * s[1], s))
    counts = sorted(Counter(formats).items(), key=lambda pair: (-pair[1], pair[0]))
    if not known:
        return ImageSummary(None, None, None, dict(counts))
    return ImageSummary(known[0], known[len(known) // 2], known[-1], dict(counts))


def _format(path: str) -> str:
    extension = split_extension(path)[1]
    return FORMAT_OF.get(extension, "without an image's extension")
