from collections import Counter
from pathlib import Path

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.manifest import Manifest, Sample
from imgclass.errors import UsageError
from imgclass.label_errors.folds import fold_folder, folds_of


def sample(number, label, *, sha="", group="", split="train"):
    path = f"{split}/{label}/{number}.png"
    return Sample(path, label, split, sha or f"{label}{number}", 8, 8, f"{number}.png", group)


SAMPLES = [sample(i, label) for label, n in (("cat", 22), ("dog", 9), ("emu", 5)) for i in range(n)]


def test_every_class_is_spread_evenly():
    placed = folds_of(SAMPLES, 4)
    counts = Counter(zip((s.label for s in SAMPLES), placed, strict=True))
    for label, n in (("cat", 22), ("dog", 9), ("emu", 5)):
        assert {counts[label, fold] for fold in range(4)} <= {n // 4, n // 4 + 1}
    assert max(Counter(placed).values()) - min(Counter(placed).values()) <= 1


def test_folds_depend_on_the_seed_and_not_on_the_order_of_the_images():
    placed = dict(zip(SAMPLES, folds_of(SAMPLES, 4), strict=True))
    turned = dict(zip(SAMPLES[::-1], folds_of(SAMPLES[::-1], 4), strict=True))
    assert placed == turned
    assert folds_of(SAMPLES, 4, seed=1) != tuple(placed.values())


def test_copies_and_groups_come_into_one_fold():
    copies = [sample(100, "cat", sha="same"), sample(101, "dog", sha="same")]
    group = [sample(200 + i, "emu", group="patient 7") for i in range(6)]
    samples = (*SAMPLES, *copies, *group)
    placed = dict(zip((s.path for s in samples), folds_of(samples, 4), strict=True))
    assert len({placed[each.path] for each in copies}) == 1
    assert len({placed[each.path] for each in group}) == 1


def test_a_class_of_one_image_cannot_be_judged():
    with pytest.raises(UsageError, match="of 'fox' there is one"):
        folds_of([*SAMPLES, sample(0, "fox")], 4)


def test_one_fold_is_too_few():
    with pytest.raises(UsageError, match="folds >= 2; received 1"):
        folds_of(SAMPLES, 1)


def test_a_fold_is_val_and_all_other_images_are_train():
    samples = (*SAMPLES, sample(0, "cat", sha="t", split="test"))
    folder = ImageFolder(Path("data"), Manifest(("cat", "dog", "emu"), samples))
    placed = folds_of(samples, 4)
    parts = [fold_folder(folder, placed, fold) for fold in range(4)]
    judged = [sample.path for part in parts for sample in part.manifest.of("val")]
    assert sorted(judged) == sorted(sample.path for sample in samples)
    assert all(part.counts["test"] == 0 for part in parts)
