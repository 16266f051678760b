"""The strengths of each regularizer that are tried, and the next one up or down."""

from dataclasses import replace

from imgclass.flows import PRESETS, Augmentation

# Half of the units is the strongest dropout in common use (Srivastava et al., *Dropout*, 2014).
DROPOUTS = (0.0, 0.2, 0.35, 0.5)
# From ResNet's 1e-4 and VGG's 5e-4 (as weight decay) upward by about the same step.
L2S = (0.0, 1e-4, 5e-4, 1e-3)
TWICE = 2
FURTHEST_COLOUR = 60  # of 255; `strong` moves no channel
# What a step to another preset leaves as it is.
_KEPT = (
    "horizontal_flip",
    "vertical_flip",
    "rand_augment",
    "magnitude",
    "erasing",
    "mixup",
    "cutmix",
)


def rung_above(ladder: tuple[float, ...], value: float) -> float | None:
    """Return the first rung above `value`; None at the top."""
    return next((rung for rung in ladder if rung > value), None)


def rung_below(ladder: tuple[float, ...], value: float) -> float | None:
    """Return the last rung below `value`; None at the bottom."""
    return next((rung for rung in reversed(ladder) if rung < value), None)


def stronger_augmentation(current: Augmentation, *, mirror: bool = True) -> Augmentation | None:
    """Return the first preset that changes images more than `current` does; None at the top.

    If `current` changes images but mirrors none, the preset mirrors none either: left and right
    may differ in these images.

    Args:
        current: The augmentation.
        mirror: Whether mirroring may begin where images were not changed at all.
    """
    after = next((a for a in _presets_like(current) if is_weaker(current, a)), None)
    if after is None or mirror:
        return after
    return replace(after, horizontal_flip=current.horizontal_flip)


def weaker_augmentation(current: Augmentation) -> Augmentation | None:
    """Return the last preset below `current` that moves images at all; None at the bottom."""
    moving = (a for a in reversed(_presets_like(current)) if any(_ranges(a)))
    return next((a for a in moving if is_weaker(a, current)), None)


def is_weaker(a: Augmentation, b: Augmentation) -> bool:
    """Return whether `a` changes images less than `b` in some range and in none more."""
    pairs = tuple(zip(_ranges(a), _ranges(b), strict=True))
    return all(x <= y for x, y in pairs) and any(x < y for x, y in pairs)


def is_excessive(augmentation: Augmentation) -> bool:
    """Return whether images are moved or coloured more than twice as far as by `strong`."""
    strongest = (TWICE * most or FURTHEST_COLOUR for most in _ranges(PRESETS["strong"]))
    return any(x > most for x, most in zip(_ranges(augmentation), strongest, strict=True))


def strength(augmentation: Augmentation) -> float:
    """Return how far images are changed: 0 for not at all, 1 as by `strong`, 2 if also mixed.

    Example:
        >>> [round(strength(PRESETS[name]), 2) for name in ("none", "light", "medium", "strong")]
        [0.0, 0.19, 0.46, 1.0]
    """
    most = _ranges(PRESETS["strong"])
    shares = [x / top for x, top in zip(_ranges(augmentation), most, strict=True) if top]
    is_mixed = any(
        (augmentation.mixup, augmentation.cutmix, augmentation.rand_augment, augmentation.erasing)
    )
    return sum(shares) / len(shares) + is_mixed


def _presets_like(augmentation: Augmentation) -> tuple[Augmentation, ...]:
    """Return the presets, weakest first, mirrored and mixed as `augmentation` is."""
    presets = tuple(PRESETS.values())
    if augmentation.is_identity:
        return presets
    kept = {name: getattr(augmentation, name) for name in _KEPT}
    return tuple(replace(preset, **kept) for preset in presets)


def _ranges(augmentation: Augmentation) -> tuple[float, ...]:
    low, high = augmentation.brightness_range or (1.0, 1.0)
    return (
        augmentation.rotation_range,
        augmentation.width_shift_range,
        augmentation.height_shift_range,
        augmentation.zoom_range,
        augmentation.shear_range,
        augmentation.channel_shift_range,
        max(abs(1 - low), abs(high - 1)),
    )
