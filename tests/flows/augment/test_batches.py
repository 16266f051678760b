from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.batches import apply_transforms
from imgclass.flows.augment.transforms import Transforms, draw_transforms

# Keras still calls SciPy by a name that SciPy 2.0 takes away.
pytestmark = pytest.mark.filterwarnings("ignore:Please import `affine_transform`")

ONE_WORD = {
    "rotation": Augmentation(rotation_range=40),
    "half turn": Augmentation(rotation_range=180),
    "width shift": Augmentation(width_shift_range=0.3),
    "height shift": Augmentation(height_shift_range=0.3),
    "shift in pixels": Augmentation(width_shift_range=2.5, height_shift_range=1.5),
    "shift by whole pixels": Augmentation(width_shift_range=4, height_shift_range=12),
    "zoom": Augmentation(zoom_range=0.4),
    "shear": Augmentation(shear_range=30),
    "horizontal flip": Augmentation(horizontal_flip=True),
    "vertical flip": Augmentation(vertical_flip=True),
    "channel shift": Augmentation(channel_shift_range=80),
    "brightness": Augmentation(brightness_range=(0.3, 1.8)),
    "nothing": Augmentation(),
}
FILL_MODES = ("constant", "nearest", "reflect", "wrap")
# A place is rounded to 1/8192 of a pixel, which may bring it over an edge of the image.
NUDGES = (-1 / 4096, 0.0, 1 / 4096)
SIZES = ((8, 8), (7, 5), (5, 12), (1, 6), (6, 1), (1, 1))


def keras_result(images: np.ndarray, rows: Transforms, augmentation: Augmentation) -> np.ndarray:
    from imgclass.flows.image_data_generator import make_generator

    generator = make_generator(augmentation)
    changed = [
        generator.apply_transform(
            image.astype(np.float32),
            {
                "theta": rows.theta[i],
                "tx": rows.tx[i],
                "ty": rows.ty[i],
                "shear": rows.shear[i],
                "zx": rows.zx[i],
                "zy": rows.zy[i],
                "flip_horizontal": rows.flip_horizontal[i],
                "flip_vertical": rows.flip_vertical[i],
                "channel_shift_intensity": rows.channel_shift[i]
                if augmentation.channel_shift_range
                else None,
                "brightness": rows.brightness[i] if augmentation.brightness_range else None,
            },
        )
        for i, image in enumerate(images)
    ]
    return np.stack(changed)


def largest_difference(
    augmentation: Augmentation,
    *,
    size: tuple[int, int],
    seed: int,
    n: int = 24,
    nudges: tuple[float, ...] = (0.0,),
) -> float:
    """Return by how much a value is beyond what Keras gives for shifts by `nudges`, in pixels."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (n, *size, 3), dtype=np.uint8)
    rows = draw_transforms(augmentation, size, n=n, rng=rng)
    ours = apply_transforms(images, rows, augmentation=augmentation)
    assert ours.dtype == np.uint8
    theirs = [
        keras_result(images, replace(rows, tx=rows.tx + x, ty=rows.ty + y), augmentation)
        for x in nudges
        for y in nudges
    ]
    beyond = np.maximum(np.min(theirs, axis=0) - ours, ours - np.max(theirs, axis=0))
    return float(beyond.max())


def rounding(augmentation: Augmentation) -> float:
    """Half a level and the resampler's tenth; brightness multiplies a level cut off before it."""
    if augmentation.brightness_range is None:
        return 0.6
    return max(1, np.ceil(augmentation.brightness_range[1]))


@pytest.mark.keras
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("words", [*ONE_WORD, "all words"])
def test_each_word_changes_an_image_as_keras_does(words, fill_mode, size, every_word):
    for order in (0, 1):
        augmentation = replace(
            ONE_WORD.get(words, every_word),
            fill_mode=fill_mode,
            cval=37.5,
            interpolation_order=order,
        )
        # Keras's centre is not that of an image that is not square; moving it rounds once more.
        nudges = (0.0,) if size[0] == size[1] else NUDGES
        difference = largest_difference(augmentation, size=size, seed=1, nudges=nudges)
        assert difference <= rounding(augmentation)


def tenths(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(round(low * 10), round(high * 10)).map(lambda value: value / 10)


@pytest.mark.keras
@given(
    augmentation=st.builds(
        Augmentation,
        rotation_range=tenths(0, 180),
        width_shift_range=st.one_of(tenths(0, 3), st.integers(0, 9)),
        height_shift_range=st.one_of(tenths(0, 3), st.integers(0, 9)),
        zoom_range=tenths(0, 0.9),
        shear_range=tenths(0, 80),
        brightness_range=st.none() | st.tuples(tenths(0, 1), tenths(1, 3)),
        channel_shift_range=tenths(0, 255),
        horizontal_flip=st.booleans(),
        vertical_flip=st.booleans(),
        fill_mode=st.sampled_from(FILL_MODES),
        cval=tenths(0, 255),
        interpolation_order=st.sampled_from((0, 1)),
    ),
    # The one row of an image is read only at exactly 0, to which Keras's centre is not exact.
    size=st.tuples(st.integers(2, 12), st.integers(2, 12)),
    seed=st.integers(0, 2**32 - 1),
)
@example(
    augmentation=Augmentation(
        shear_range=0.2, horizontal_flip=True, fill_mode="constant", interpolation_order=0
    ),
    size=(2, 3),
    seed=0,
)
@settings(max_examples=150, deadline=None)
def test_any_augmentation_changes_images_as_keras_does(augmentation, size, seed):
    difference = largest_difference(augmentation, size=size, seed=seed, n=4, nudges=NUDGES)
    assert difference <= rounding(augmentation)
