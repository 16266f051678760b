import json
from dataclasses import replace
from typing import get_args

import pytest

from imgclass.errors import UsageError
from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.presets import PRESETS, Preset, augmentation_text, preset_or_own
from imgclass.serialization import dump_json, from_plain


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_comes_back_from_json(name):
    assert from_plain(Augmentation, json.loads(dump_json(PRESETS[name]))) == PRESETS[name]


def test_a_presets_name_is_its_augmentation_and_anything_else_stays():
    assert preset_or_own("light") is PRESETS["light"]
    assert preset_or_own(7) == 7


def test_the_names_of_the_presets_are_those_that_a_type_checker_knows():
    assert tuple(PRESETS) == get_args(Preset)


def test_settings_after_a_preset_are_added_to_it():
    expected = replace(PRESETS["medium"], mixup=0.2, rand_augment=2, magnitude=12)
    assert preset_or_own("medium, mixup=0.2, rand_augment=2, magnitude=12") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("midium", r"none, flip, light, medium, strong; .*'medium'\?$"),
        ("light,mixpu=0.2", r"received augmentation='mixpu'. Did you mean 'mixup'\?$"),
        ("light,mixup", r"settings such as 'light,mixup=0.2'; received 'mixup'"),
        ("light,mixup=much", r"Expected mixup to be a number .*; received 'much'"),
        ("light,erasing=2", r"received erasing=2.0"),
    ],
)
def test_a_text_that_describes_no_augmentation_says_what_does(text, message):
    with pytest.raises(UsageError, match=message):
        preset_or_own(text)


@pytest.mark.parametrize("name", PRESETS)
def test_the_text_of_an_augmentation_is_read_back(name):
    for further in ({}, {"mixup": 0.3, "cutmix": 1.0}, {"erasing": 0.25, "rand_augment": 2}):
        augmentation = replace(PRESETS[name], **further)
        assert preset_or_own(str(augmentation)) == augmentation


def test_an_augmentation_of_other_words_has_no_text_and_shows_its_fields():
    own = Augmentation(rotation_range=7)
    assert augmentation_text(own) is None
    assert str(own) == repr(own)
