import pytest

from imgclass.flows.augment.augmentation import Augmentation


@pytest.fixture(scope="session")
def every_word() -> Augmentation:
    """An augmentation that uses all words of `ImageDataGenerator`."""
    return Augmentation(
        rotation_range=40,
        width_shift_range=0.25,
        height_shift_range=0.5,
        zoom_range=0.4,
        shear_range=30,
        brightness_range=(0.3, 1.8),
        channel_shift_range=80,
        horizontal_flip=True,
        vertical_flip=True,
    )
