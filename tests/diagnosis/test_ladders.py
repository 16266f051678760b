from dataclasses import replace

import pytest

from imgclass.diagnosis.ladders import (
    DROPOUTS,
    L2S,
    rung_above,
    rung_below,
    stronger_augmentation,
    weaker_augmentation,
)
from imgclass.flows import PRESETS, Augmentation


@pytest.mark.parametrize("ladder", [DROPOUTS, L2S])
def test_a_ladder_starts_at_nothing_and_rises(ladder):
    assert ladder[0] == 0.0
    assert list(ladder) == sorted(set(ladder))


def test_a_value_between_rungs_goes_to_the_next_one():
    assert rung_above(DROPOUTS, 0.25) == 0.35
    assert rung_below(DROPOUTS, 0.25) == 0.2


def test_there_is_nothing_above_the_top_or_below_the_bottom():
    assert rung_above(DROPOUTS, 0.5) is None
    assert rung_above(DROPOUTS, 0.7) is None
    assert rung_below(DROPOUTS, 0.0) is None


@pytest.mark.parametrize(
    ("current", "stronger"),
    [
        ("none", "light"),
        ("flip", "light"),
        ("light", "medium"),
        ("medium", "strong"),
        ("strong", None),
    ],
)
def test_a_preset_goes_to_the_next_stronger_one(current, stronger):
    assert stronger_augmentation(PRESETS[current]) == (PRESETS[stronger] if stronger else None)


@pytest.mark.parametrize(
    ("current", "weaker"),
    [("none", None), ("flip", None), ("light", None), ("medium", "light"), ("strong", "medium")],
)
def test_a_preset_goes_to_the_next_weaker_one_that_moves_images(current, weaker):
    assert weaker_augmentation(PRESETS[current]) == (PRESETS[weaker] if weaker else None)


def test_mirroring_that_was_left_out_stays_out():
    digits = Augmentation(width_shift_range=0.05)
    stronger = stronger_augmentation(digits)
    assert stronger == replace(PRESETS["light"], horizontal_flip=False)


def test_mirroring_does_not_begin_where_it_must_not():
    unmirrored = replace(PRESETS["light"], horizontal_flip=False)
    assert stronger_augmentation(PRESETS["none"], mirror=False) == unmirrored
    assert stronger_augmentation(PRESETS["light"], mirror=False) == PRESETS["medium"]
    assert stronger_augmentation(PRESETS["strong"], mirror=False) is None


def test_what_mixes_images_stays_as_it_is():
    mixing = {"mixup": 0.2, "cutmix": 1.0, "erasing": 0.25, "rand_augment": 2, "magnitude": 12}
    medium = replace(PRESETS["medium"], **mixing)
    assert stronger_augmentation(medium) == replace(PRESETS["strong"], **mixing)
    assert weaker_augmentation(medium) == replace(PRESETS["light"], **mixing)


def test_an_augmentation_stronger_in_one_way_than_every_preset_has_no_stronger_one():
    assert stronger_augmentation(Augmentation(rotation_range=90)) is None
    assert stronger_augmentation(Augmentation(width_shift_range=4)) is None  # pixels
