"""Augmentations by name, and the text that describes one on the command line."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

from imgclass.checks import one_of
from imgclass.errors import UsageError
from imgclass.flows.augment.augmentation import Augmentation
from imgclass.settings import options_of
from imgclass.validation import checked

Preset = Literal["none", "flip", "light", "medium", "strong"]

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

# `light,mixup=0.2`: the settings that may follow a preset.
_OPTIONS = options_of(Augmentation)


def preset_or_own(value: Any) -> Any:
    """Return what a text describes: a preset, with settings after it if there are any.

    These may be `mixup`, `cutmix`, `erasing`, `rand_augment` and `magnitude`. Anything but a string
    is returned unchanged.

    Raises:
        UsageError: There is no such preset or setting; the message lists them.

    Example:
        >>> preset_or_own("flip")
        Augmentation(...horizontal_flip=True...)
        >>> preset_or_own("light,rand_augment=2,mixup=0.2").mixup
        0.2
    """
    if not isinstance(value, str):
        return value
    name, *settings = value.split(",")
    preset = PRESETS[checked("augmentation", name, one_of(tuple(PRESETS)))]
    return replace(preset, **dict(map(_setting, settings))) if settings else preset


def augmentation_text(augmentation: Augmentation) -> str | None:
    """Return the text that `preset_or_own` reads as this augmentation; None if there is none.

    Example:
        >>> augmentation_text(Augmentation(horizontal_flip=True, mixup=0.2))
        'flip,mixup=0.2'
    """
    further = {name: getattr(augmentation, name) for name in _OPTIONS}
    for name, preset in PRESETS.items():
        if replace(preset, **further) == augmentation:
            changed = [f"{k}={v}" for k, v in further.items() if v != getattr(preset, k)]
            return ",".join([name, *changed])
    return None


def _setting(text: str) -> tuple[str, Any]:
    name, sign, value = (part.strip() for part in text.partition("="))
    if not sign:
        raise UsageError(
            f"Expected a preset and settings such as 'light,mixup=0.2'; received {text!r}."
        )
    name = checked("augmentation", name, one_of(tuple(_OPTIONS)))
    return name, replace(_OPTIONS[name], name=name).read(value)
