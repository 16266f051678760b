from dataclasses import replace

import numpy as np
import pytest

from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.changes import apply_changes, draw_changes
from imgclass.flows.augment.presets import PRESETS

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 8, 6, 3), dtype=np.uint8)
LABELS = np.eye(12, dtype=np.float32)
AS_THEY_ARE = np.arange(12)
EVERYTHING = replace(PRESETS["strong"], rand_augment=2, erasing=0.5, mixup=0.4, cutmix=1.0)


def draw(augmentation, order=AS_THEY_ARE, **options):
    words = {"batch_size": 4, "seed": 3, "epoch": 5} | options
    return draw_changes(augmentation, (8, 6), order=order, **words)


def changed(augmentation, order=AS_THEY_ARE, **options):
    changes = draw(augmentation, order, **options)
    return apply_changes(IMAGES[order], LABELS[order], changes)


def test_without_changes_images_and_labels_come_as_they_were():
    images, labels = changed(Augmentation())
    assert (images == IMAGES).all()
    assert (labels == LABELS).all()


@pytest.mark.parametrize(
    "further", [{"rand_augment": 2}, {"erasing": 1}, {"mixup": 1}, {"cutmix": 1}], ids=str
)
def test_each_kind_changes_images_and_leaves_them_bytes(further):
    images, labels = changed(Augmentation(**further))
    assert (images.dtype, labels.dtype) == (np.uint8, np.float32)
    assert (images != IMAGES).any()
    assert (labels == LABELS).all() == (not {"mixup", "cutmix"} & set(further))


@pytest.mark.parametrize("words", [{"seed": 4}, {"epoch": 6}])
def test_another_seed_or_epoch_changes_images_otherwise(words):
    assert (changed(EVERYTHING)[0] == changed(EVERYTHING)[0]).all()
    assert (changed(EVERYTHING)[0] != changed(EVERYTHING, **words)[0]).any()


def test_an_image_is_changed_alike_wherever_it_stands():
    alone = replace(EVERYTHING, mixup=0.0, cutmix=0.0)
    order = np.random.default_rng(1).permutation(12)
    assert (changed(alone, order)[0] == changed(alone)[0][order]).all()


def test_one_more_kind_leaves_the_others_as_they_were():
    few, many = draw(replace(PRESETS["light"], erasing=0.5)), draw(replace(EVERYTHING))
    assert (few.transforms.flip_horizontal == many.transforms.flip_horizontal).all()
    assert (few.erasures.boxes == many.erasures.boxes).all()


def test_the_part_of_a_batch_holds_its_rows_of_every_kind():
    part = draw(EVERYTHING)[4:8]
    kinds = (part.transforms.theta, part.operations.kinds, part.erasures.boxes, part.mixes.weights)
    assert [len(kind) for kind in kinds] == [4, 4, 4, 4]
    assert draw(Augmentation())[4:8].mixes is None
