"""Augmentation: the random changes to training images, in the words of `ImageDataGenerator`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

from imgclass.checks import flag, number, one_of, optional, several
from imgclass.errors import UsageError
from imgclass.settings import check_settings, setting
from imgclass.validation import Check, checked

FillMode = Literal["constant", "nearest", "reflect", "wrap"]
InterpolationOrder = Literal[0, 1]

Preset = Literal["none", "flip", "light", "medium", "strong"]


def _up_to(end: float) -> Check:
    return number(at_least=0, at_most=end, keep_whole=True)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes to training images, in the words of `ImageDataGenerator`.

    They mean the same in both pipelines: `width_shift_range` moves left and right,
    `height_shift_range` up and down. (Keras's own class moves the other way round, and so does an
    `ImageDataGenerator` of your own.)

    Attributes:
        rotation_range: Turns by a uniform angle in plus or minus this, in degrees.
        width_shift_range: Moves left or right by at most this: a fraction of the width if below 1,
            pixels from 1 on. An `int` draws whole pixels, fewer than this.
        height_shift_range: Moves up or down likewise; a fraction is one of the height.
        zoom_range: Zooms each axis by a uniform factor in `(1 - zoom_range, 1 + zoom_range)`;
            a factor below 1 makes things larger.
        shear_range: Shears by a uniform angle in plus or minus this, in degrees.
        brightness_range: `(low, high)` factors; None leaves the brightness as it is.
        channel_shift_range: Adds a uniform value in plus or minus this, in 0-255.
        horizontal_flip: Mirrors left and right, every second image by chance.
        vertical_flip: Mirrors top and bottom, likewise.
        fill_mode: What stands outside the image: `constant`, `nearest`, `reflect` or `wrap`.
        cval: The value outside for `constant`, in 0-255.
        interpolation_order: 1 reads between pixels, which blurs a little; 0 takes the nearest
            pixel, so that shifts are by whole pixels.

    Raises:
        UsageError: A value has another type, or is outside its range.

    Example:
        >>> Augmentation(horizontal_flip=True).is_identity
        False
    """

    rotation_range: float = setting(0.0, _up_to(360))
    width_shift_range: int | float = setting(0.0, number(at_least=0, keep_whole=True))
    height_shift_range: int | float = setting(0.0, number(at_least=0, keep_whole=True))
    # A factor of 0 would leave one pixel.
    zoom_range: float = setting(0.0, number(at_least=0, below=1, keep_whole=True))
    shear_range: float = setting(0.0, _up_to(90))
    brightness_range: tuple[float, float] | None = setting(
        None, optional(several(number(at_least=0), "(low, high), both >= 0"))
    )
    channel_shift_range: float = setting(0.0, _up_to(255))
    horizontal_flip: bool = setting(False, flag())
    vertical_flip: bool = setting(False, flag())
    fill_mode: FillMode = setting("nearest", one_of(get_args(FillMode)))
    cval: float = setting(0.0, _up_to(255))
    interpolation_order: InterpolationOrder = setting(1, one_of(get_args(InterpolationOrder)))

    def __post_init__(self) -> None:
        check_settings(self)
        ends: tuple[float, ...] = self.brightness_range or (1.0, 1.0)
        if len(ends) != len(("low", "high")) or ends[0] > ends[1]:
            raise UsageError(
                f"Expected brightness_range=(low, high) with 0 <= low <= high; "
                f"received brightness_range={self.brightness_range}."
            )

    @property
    def is_identity(self) -> bool:
        """Whether every image comes out as it went in."""
        return not (self.is_geometric or self.brightness_range or self.channel_shift_range)

    @property
    def is_geometric(self) -> bool:
        """Whether pixels may move."""
        return bool(
            self.rotation_range
            or self.width_shift_range
            or self.height_shift_range
            or self.zoom_range
            or self.shear_range
            or self.horizontal_flip
            or self.vertical_flip
        )


PRESETS: Mapping[str, Augmentation] = MappingProxyType(
    {
        "none": Augmentation(),
        "flip": Augmentation(horizontal_flip=True),
        "light": Augmentation(
            width_shift_range=0.07,
            height_shift_range=0.07,
            horizontal_flip=True,
            fill_mode="reflect",
            # Shifts by parts of pixels blur, and small images have no detail to lose.
            interpolation_order=0,
        ),
        "medium": Augmentation(
            rotation_range=10,
            width_shift_range=0.1,
            height_shift_range=0.1,
            zoom_range=0.1,
            horizontal_flip=True,
            fill_mode="reflect",
        ),
        "strong": Augmentation(
            rotation_range=15,
            width_shift_range=0.125,
            height_shift_range=0.125,
            zoom_range=0.2,
            shear_range=5,
            brightness_range=(0.8, 1.2),
            horizontal_flip=True,
            fill_mode="reflect",
        ),
    }
)


def preset_or_own(value: Any) -> Any:
    """Return the preset of this name; return anything but a string unchanged.

    Raises:
        UsageError: There is no preset of this name; the message lists them.

    Example:
        >>> preset_or_own("flip")
        Augmentation(...horizontal_flip=True...)
    """
    if not isinstance(value, str):
        return value
    return PRESETS[checked("augmentation", value, one_of(tuple(PRESETS)))]
