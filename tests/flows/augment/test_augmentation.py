import json
from typing import get_args

import numpy as np
import pytest

from imgclass.errors import UsageError
from imgclass.flows.augment.augmentation import PRESETS, Augmentation, Preset, preset_or_own
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
    ],
)
def test_a_value_of_another_type_or_outside_its_range_is_named(words, named):
    with pytest.raises(UsageError) as caught:
        Augmentation(**words)
    assert named in str(caught.value)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_comes_back_from_json(name):
    assert from_plain(Augmentation, json.loads(dump_json(PRESETS[name]))) == PRESETS[name]


def test_numbers_of_numpy_and_lists_become_pythons():
    given = Augmentation(
        width_shift_range=np.int64(3), zoom_range=np.float64(0.5), brightness_range=[0.5, 1]
    )
    assert given == Augmentation(width_shift_range=3, zoom_range=0.5, brightness_range=(0.5, 1.0))
    assert (type(given.width_shift_range), type(given.zoom_range)) == (int, float)


def test_a_presets_name_is_its_augmentation_and_anything_else_stays():
    assert preset_or_own("light") is PRESETS["light"]
    assert preset_or_own(7) == 7


def test_a_name_of_no_preset_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match=r"none, flip, light, medium, strong; .*'medium'\?$"):
        preset_or_own("midium")


def test_the_names_of_the_presets_are_those_that_a_type_checker_knows():
    assert tuple(PRESETS) == get_args(Preset)


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
    ],
)
def test_an_augmentation_knows_what_it_changes(words, is_identity, is_geometric):
    augmentation = Augmentation(**words)
    assert (augmentation.is_identity, augmentation.is_geometric) == (is_identity, is_geometric)
