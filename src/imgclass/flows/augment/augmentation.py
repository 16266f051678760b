"""Augmentation: the random changes to training images."""

from dataclasses import dataclass
from typing import Literal, get_args

from imgclass.checks import flag, number, one_of, optional, several, whole
from imgclass.errors import UsageError
from imgclass.settings import check_settings, setting
from imgclass.validation import Check

FillMode = Literal["constant", "nearest", "reflect", "wrap"]
InterpolationOrder = Literal[0, 1]

LARGEST_MAGNITUDE = 30
LARGEST_ALPHA = 100.0  # shares are within 0.5 +- 0.15 there
# What Keras's ImageDataGenerator does not know.
CACHED_ONLY = ("mixup", "cutmix", "erasing", "rand_augment")


def _up_to(end: float) -> Check:
    return number(at_least=0, at_most=end, keep_whole=True)


def _magnitude() -> Check:
    count, limit = whole(0), _up_to(LARGEST_MAGNITUDE)
    return Check(
        f"a whole number from 0 to {LARGEST_MAGNITUDE}",
        lambda value: limit.clean(count.clean(value)),
        kind=int,
        parse=int,
    )


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes to training images.

    The first ones have the words of `ImageDataGenerator`. They mean the same in both pipelines:
    `width_shift_range` moves left and right, `height_shift_range` up and down. (Keras's own class
    moves the other way round, and so does an `ImageDataGenerator` of your own.) `mixup`, `cutmix`,
    `erasing` and `rand_augment` need the pipeline `cached`.

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
        rand_augment: Operations of RandAugment (Cubuk et al., 2020) for each image, such as a
            rotation, a change of contrast or of colour, each chosen by chance; 0 is none, 2 is
            usual. They come after the changes above.
        magnitude: How strong they are, from 0 to 30 as in torchvision: 30 turns by 30 degrees.
            (timm counts to 10: its 9 is 27 here.)
        erasing: Probability that a rectangle of the image is replaced by noise (random erasing,
            Zhong et al., 2020), in 0-1; 0.25 is usual.
        mixup: Averages each image and its label with another of the batch (MixUp, Zhang et al.,
            2018). Its share is drawn from Beta(mixup, mixup): 0 is off, 0.2 mixes a little, 1 by
            any share.
        cutmix: Pastes a rectangle of another image of the batch into each image, and mixes the
            labels by area (CutMix, Yun et al., 2019), by shares from Beta(cutmix, cutmix); 0 is
            off, 1 is usual. Beside `mixup`, each batch takes one of the two by chance.

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
    rand_augment: int = setting(0, whole(0), help="Operations of RandAugment for each image.")
    magnitude: int = setting(9, _magnitude(), help="Strength of RandAugment, 0 to 30.")
    erasing: float = setting(
        0.0, number(at_least=0, at_most=1), help="Probability of random erasing."
    )
    mixup: float = setting(0.0, number(at_least=0, at_most=LARGEST_ALPHA), help="Alpha of MixUp.")
    cutmix: float = setting(0.0, number(at_least=0, at_most=LARGEST_ALPHA), help="Alpha of CutMix.")

    def __post_init__(self) -> None:
        check_settings(self)
        ends: tuple[float, ...] = self.brightness_range or (1.0, 1.0)
        if len(ends) != len(("low", "high")) or ends[0] > ends[1]:
            raise UsageError(
                f"Expected brightness_range=(low, high) with 0 <= low <= high; "
                f"received brightness_range={self.brightness_range}."
            )

    def __str__(self) -> str:
        """Return the text that `--augment` takes, such as `light,mixup=0.2`, if there is one."""
        from imgclass.flows.augment.presets import augmentation_text

        return augmentation_text(self) or repr(self)

    @property
    def is_identity(self) -> bool:
        """Whether every image comes out as it went in, with its label."""
        return not (self.has_transforms or self.cached_only)

    @property
    def has_transforms(self) -> bool:
        """Whether pixels may move or change their colour in the words of `ImageDataGenerator`."""
        return bool(self.is_geometric or self.brightness_range or self.channel_shift_range)

    @property
    def is_geometric(self) -> bool:
        """Whether pixels may move in the words of `ImageDataGenerator`."""
        return bool(
            self.rotation_range
            or self.width_shift_range
            or self.height_shift_range
            or self.zoom_range
            or self.shear_range
            or self.horizontal_flip
            or self.vertical_flip
        )

    @property
    def cached_only(self) -> tuple[str, ...]:
        """The names of the changes in use that only the pipeline `cached` can make."""
        return tuple(name for name in CACHED_ONLY if getattr(self, name))
