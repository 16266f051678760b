import json

import pytest

from imgclass.errors import UsageError
from imgclass.flows.augmentation import PRESETS, Augmentation
from imgclass.serialization import dump_json, from_plain


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"rotation_range": -1}, "rotation_range=-1"),
        ({"width_shift_range": float("inf")}, "width_shift_range=inf"),
        ({"height_shift_range": float("nan")}, "height_shift_range=nan"),
        ({"zoom_range": 1}, "zoom_range < 1"),
        ({"zoom_range": 1.5}, "zoom_range=1.5"),
        ({"shear_range": 91}, "shear_range=91"),
        ({"channel_shift_range": 256}, "channel_shift_range=256"),
        ({"cval": -1}, "cval=-1"),
        ({"brightness_range": (1.2, 0.8)}, "brightness_range=(1.2, 0.8)"),
        ({"brightness_range": (-0.1, 0.8)}, "brightness_range=(-0.1, 0.8)"),
        ({"fill_mode": "mirror"}, "fill_mode='mirror'"),
        ({"interpolation_order": 2}, "interpolation_order=2"),
    ],
)
def test_a_value_outside_its_range_is_named(words, named):
    with pytest.raises(UsageError) as caught:
        Augmentation(**words)
    assert named in str(caught.value)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_comes_back_from_json(name):
    assert from_plain(Augmentation, json.loads(dump_json(PRESETS[name]))) == PRESETS[name]


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
