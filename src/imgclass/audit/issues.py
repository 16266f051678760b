"""Issues of single images: a score in 0-1 for each, low being bad, and a flag."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from imgclass.audit.measurements import Measurement
from imgclass.images.formats import FORMATS, split_extension

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that can be wrong with an image.

    Attributes:
        title: The name that people read.
        threshold: An image whose score is below it has the issue.
        meaning: What it means and what to do.
        is_shown: Whether it can be seen in a picture.
    """

    title: str
    threshold: float
    meaning: str
    is_shown: bool = True


# Thresholds of looks were chosen by eye on CIFAR-10 and on made-up pictures, and not tried on
# photographs. The other scores are 0 or 1.
ISSUES: Mapping[str, Issue] = MappingProxyType(
    {
        "broken": Issue(
            "Broken or truncated",
            0.5,
            "It cannot be decoded completely. Remove it, or copy it again from its source.",
            is_shown=False,
        ),
        "leak": Issue(
            "Leak between splits",
            0.5,
            "The same picture is in another split, so the model is tested on what it has "
            "memorized. Keep duplicates in one split.",
        ),
        "exact_duplicate": Issue(
            "Exact duplicate", 0.5, "Another file has the same bytes. Keep one of them."
        ),
        "near_duplicate": Issue(
            "Near-duplicate",
            0.5,
            "Another file is the same picture: saved again, resized, mirrored, or slightly "
            "shifted, cropped, brightened. Keep such pictures in one split.",
        ),
        "wrong_extension": Issue(
            "Wrong extension",
            0.5,
            "Its format is not the one that its name says, and some tools trust the name. "
            "Rename it.",
        ),
        "blank": Issue(
            "Blank",
            0.08,
            "It has almost the same brightness everywhere: there is hardly anything to see.",
        ),
        "blurred": Issue("Blurred", 0.2, "It has no sharp edges in any direction."),
        "dark": Issue("Too dark", 0.2, "Even its brightest parts are dark."),
        "bright": Issue("Too bright", 0.2, "Even its darkest parts are bright."),
        "odd_size": Issue(
            "Odd size",
            0.25,
            "Its side is less than a quarter, or more than four times, that of the median image.",
        ),
        "odd_aspect": Issue(
            "Odd aspect",
            0.4,
            "It is far wider or taller than the median image, so resizing it to the model's size "
            "distorts it, or cuts much of it off.",
        ),
        "sixteen_bit": Issue(
            "16-bit",
            0.5,
            "A sample has more than 8 bits. imgclass keeps the upper 8 of the bits in use; other "
            "tools may clip.",
        ),
        "cmyk": Issue(
            "CMYK",
            0.5,
            "It is stored in print colours. imgclass converts it; other tools may refuse it or "
            "show other colours.",
        ),
        "alpha": Issue(
            "Transparency",
            0.5,
            "imgclass puts it on white; other tools drop the transparency and show what it hides.",
        ),
        "exif_rotated": Issue(
            "Rotated by EXIF",
            0.5,
            "It must be rotated before it is shown. imgclass does that; many loaders do not.",
        ),
        "animated": Issue(
            "Animated, or of several pages",
            0.5,
            "The file holds several pictures, and the first one is used.",
        ),
    }
)


def look_scores(measurements: Sequence[Measurement]) -> dict[str, Scores]:
    """Return each image's scores by issue; a broken one has 1 in all others."""
    scores = {name: _scores(measurements, score) for name, score in _SCORES.items()}
    scores["broken"] = np.array([float(not m.fault) for m in measurements])
    sides = np.array([(m.width * m.height) ** 0.5 for m in measurements])
    aspects = np.array([m.width / max(m.height, 1) for m in measurements])
    scores["odd_size"] = _nearness(sides)
    scores["odd_aspect"] = _nearness(aspects)
    return scores


def wrong_extension(path: str, image_format: str) -> bool:
    """Return whether a file's extension belongs to another format.

    Example:
        >>> wrong_extension("1.png", "JPEG"), wrong_extension("1.JPG", "JPEG")
        (True, False)
    """
    return bool(image_format) and split_extension(path)[1] not in FORMATS[image_format]


_CONTRAST = 50 / 255  # standard deviation of an ordinary photograph's brightness
_SIXTEEN = 16

_SCORES: Mapping[str, Callable[[Measurement], float]] = MappingProxyType(
    {
        "blank": lambda m: min(1.0, m.contrast / _CONTRAST),
        "blurred": lambda m: 1 - m.blur,
        "dark": lambda m: m.brightest,
        "bright": lambda m: 1 - m.darkest,
        "sixteen_bit": lambda m: float(m.depth < _SIXTEEN),
        "cmyk": lambda m: float(m.mode != "CMYK"),
        "alpha": lambda m: float(not m.has_alpha),
        "exif_rotated": lambda m: float(m.orientation == 1),
        "animated": lambda m: float(not m.has_pages),
    }
)


def _scores(measurements: Sequence[Measurement], score: Callable[[Measurement], float]) -> Scores:
    return np.array([1.0 if m.fault else score(m) for m in measurements])


def _nearness(values: Scores) -> Scores:
    """Return each value's ratio to the median, inverted above 1; 1 for an unknown value."""
    known = values > 0
    median = np.median(values[known]) if known.any() else 1.0
    ratio = np.where(known, values, median) / median
    return np.minimum(ratio, 1 / ratio)
