"""Parts hold the smaller ones and every class in proportion, and leave val as it is."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.manifest import Manifest, Sample
from imgclass.errors import UsageError
from imgclass.learning_curves.parts import part_of, part_sizes

COUNTS = {"cat": 160, "dog": 32, "owl": 8}


@pytest.fixture
def whole():
    samples = [
        Sample(f"{split}/{label}/{i}.png", label, split, "0" * 64, 8, 8, f"{split}-{i}.png")
        for split, share in (("train", 1), ("val", 4), ("test", 4))
        for label, n in COUNTS.items()
        for i in range(n // share)
    ]
    return ImageFolder(Path("data"), Manifest(tuple(COUNTS), tuple(samples)))


def paths(folder, split="train"):
    return {sample.path for sample in folder.manifest.of(split)}


def test_a_part_holds_the_smaller_ones(whole):
    parts = [paths(part_of(whole, size, seed=3)) for size in (25, 50, 100, 200)]
    assert [len(part) for part in parts] == [25, 50, 100, 200]
    assert all(small < large for small, large in pairwise(parts))


def test_a_part_has_the_classes_in_proportion(whole):
    for share in (8, 4, 2):
        part = part_of(whole, 200 // share, seed=0)
        found = Counter(sample.label for sample in part.manifest.of("train"))
        assert all(abs(found[label] - n / share) <= 1 for label, n in COUNTS.items())


def test_the_smallest_part_has_an_image_of_each_class(whole):
    part = part_of(whole, 3, seed=0)
    assert {sample.label for sample in part.manifest.of("train")} == set(COUNTS)


def test_a_part_has_all_val_images_no_test_and_the_order_of_the_whole(whole):
    part = part_of(whole, 50, seed=0)
    assert paths(part, "val") == paths(whole, "val")
    assert not paths(part, "test")
    assert part.class_names == whole.class_names
    order = {sample: i for i, sample in enumerate(whole.manifest.samples)}
    places = [order[sample] for sample in part.manifest.samples]
    assert places == sorted(places)


def test_another_seed_takes_other_images_and_the_same_seed_the_same(whole):
    assert paths(part_of(whole, 50, seed=0)) == paths(part_of(whole, 50, seed=0))
    assert paths(part_of(whole, 50, seed=0)) != paths(part_of(whole, 50, seed=1))


def test_the_whole_is_always_a_part_and_each_size_is_there_once(whole):
    assert part_sizes((0.5, 0.125, 0.5), whole.manifest) == (25, 100, 200)
    assert part_sizes((1, 0.5), whole.manifest) == (100, 200)


@pytest.mark.parametrize("part", [0, -0.5, 1.5, float("nan")])
def test_a_share_out_of_range_is_refused(whole, part):
    with pytest.raises(UsageError, match="Expected parts as shares of the training images"):
        part_sizes((part,), whole.manifest)


def test_a_part_smaller_than_the_number_of_classes_is_refused(whole):
    with pytest.raises(UsageError, match=r"0\.015 or more of these 200 training images.*0\.01"):
        part_sizes((0.01, 0.5), whole.manifest)
