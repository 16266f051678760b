import json

import numpy as np
import pytest

from imgclass.errors import UsageError
from imgclass.flows.augment.augmentation import Augmentation
from imgclass.serialization import dump_json, from_plain


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"rotation_range": -1}, "rotation_range=-1"),
        ({"width_shift_range": float("inf")}, "width_shift_range=inf"),
        ({"height_shift_range": float("nan")}, "height_shift_range=nan"),
        ({"zoom_range": 1}, "received zoom_range=1."),
        ({"zoom_range": 1.5}, "zoom_range=1.5"),
        ({"shear_range": 91}, "shear_range=91"),
        ({"channel_shift_range": 256}, "channel_shift_range=256"),
        ({"cval": -1}, "cval=-1"),
        ({"brightness_range": (1.2, 0.8)}, "brightness_range=(1.2, 0.8)"),
        ({"brightness_range": (-0.1, 0.8)}, "brightness_range=(-0.1, 0.8)"),
        ({"fill_mode": "mirror"}, "fill_mode='mirror'"),
        ({"interpolation_order": 2}, "interpolation_order=2"),
        ({"interpolation_order": True}, "interpolation_order=True"),
        ({"rotation_range": "10"}, "rotation_range='10'"),
        ({"rotation_range": True}, "rotation_range=True"),
        ({"brightness_range": 0.5}, "brightness_range=0.5"),
        ({"brightness_range": (0.5, 1.0, 1.5)}, "brightness_range=(0.5, 1.0, 1.5)"),
        ({"horizontal_flip": 1}, "horizontal_flip=1"),
        ({"horizontal_flip": "yes"}, "horizontal_flip='yes'"),
        ({"fill_mode": "reflekt"}, "Did you mean 'reflect'?"),
        ({"mixup": -0.1}, "mixup=-0.1"),
        ({"cutmix": float("inf")}, "cutmix=inf"),
        ({"erasing": 1.5}, "erasing to be a number >= 0 and <= 1; received erasing=1.5"),
        ({"rand_augment": 0.5}, "rand_augment=0.5"),
        ({"magnitude": 31}, "a whole number from 0 to 30; received magnitude=31"),
        ({"magnitude": 9.0}, "magnitude=9.0"),
    ],
)
def test_a_value_of_another_type_or_outside_its_range_is_named(words, named):
    with pytest.raises(UsageError) as caught:
        Augmentation(**words)
    assert named in str(caught.value)


def test_numbers_of_numpy_and_lists_become_pythons():
    given = Augmentation(
        width_shift_range=np.int64(3), zoom_range=np.float64(0.5), brightness_range=[0.5, 1]
    )
    assert given == Augmentation(width_shift_range=3, zoom_range=0.5, brightness_range=(0.5, 1.0))
    assert (type(given.width_shift_range), type(given.zoom_range)) == (int, float)


@pytest.mark.parametrize("shift", [3, 3.0])
def test_whole_pixels_stay_whole_in_json(shift):
    plain = json.loads(dump_json(Augmentation(width_shift_range=shift)))
    assert type(from_plain(Augmentation, plain).width_shift_range) is type(shift)


@pytest.mark.parametrize(
    ("words", "is_identity", "is_geometric"),
    [
        ({}, True, False),
        ({"fill_mode": "wrap", "cval": 3}, True, False),
        ({"brightness_range": (0.9, 1.1)}, False, False),
        ({"channel_shift_range": 10}, False, False),
        ({"vertical_flip": True}, False, True),
        ({"shear_range": 1}, False, True),
        ({"magnitude": 20}, True, False),
        ({"rand_augment": 1}, False, False),
        ({"erasing": 0.1}, False, False),
        ({"mixup": 0.2}, False, False),
        ({"cutmix": 1}, False, False),
    ],
)
def test_an_augmentation_knows_what_it_changes(words, is_identity, is_geometric):
    augmentation = Augmentation(**words)
    assert (augmentation.is_identity, augmentation.is_geometric) == (is_identity, is_geometric)


def test_the_changes_that_keras_cannot_make_are_named():
    given = Augmentation(rotation_range=5, mixup=0.2, rand_augment=1)
    assert given.cached_only == ("mixup", "rand_augment")


def test_an_augmentation_of_an_older_version_mixes_nothing():
    assert from_plain(Augmentation, {"rotation_range": 5.0}) == Augmentation(rotation_range=5.0)
