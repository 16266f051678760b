import subprocess
import sys
import unicodedata
from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclass.data.splitting.split import SplitRule, digest, split_images
from imgclass.errors import LabelsError, UsageError

CLASSES = [f"class {i}" for i in range(10)]


def numbered(**sizes):
    return [(f"{label}{i}.png", label) for label, size in sizes.items() for i in range(size)]


def per_class(images, splits):
    return Counter((label, split) for (_, label), split in zip(images, splits, strict=True))


def test_cifar_10_is_cut_into_exactly_45000_2500_2500_and_stratified():
    images = [(f"{i}.jpg", CLASSES[i % 10]) for i in range(50_000)]
    for rule in (SplitRule(val=2500, test=2500), SplitRule(val=0.05, test=0.05)):
        splits = split_images(images, rule).splits
        assert Counter(splits) == {"train": 45_000, "val": 2500, "test": 2500}
        assert set(per_class(images, splits).values()) == {4500, 250}


labelled = st.dictionaries(st.text(min_size=1, max_size=5), st.integers(1, 40), min_size=2)


@given(labelled, st.floats(0, 0.49), st.floats(0.01, 0.49), st.integers())
def test_every_class_of_three_images_is_in_every_split(sizes, val, test, seed):
    images = numbered(**{f"_{i}": size for i, size in enumerate(sizes.values())})
    splits = split_images(images, SplitRule(val=val, test=test, seed=seed)).splits
    found = per_class(images, splits)
    for label, size in Counter(label for _, label in images).items():
        assert found[label, "train"] >= 1
        assert (found[label, "test"] >= 1) == (size >= (3 if val else 2))
        assert (found[label, "val"] >= 1) == (size >= 2 and bool(val))


@given(st.randoms())
def test_the_order_of_the_images_has_no_say(random):
    images = numbered(cat=20, dog=31)
    shuffled = random.sample(images, len(images))
    rule = SplitRule(val=0.2, test=7)
    first = dict(zip(images, split_images(images, rule).splits, strict=True))
    assert first == dict(zip(shuffled, split_images(shuffled, rule).splits, strict=True))


def test_the_split_is_the_one_that_was_published():
    images = numbered(cat=300, dog=200, été=100)
    splits = split_images(images, SplitRule(seed=7)).splits
    text = "\n".join(f"{name} {split}" for (name, _), split in zip(images, splits, strict=True))
    assert sha256(text.encode()).hexdigest()[:16] == "43d0c5628b9fd865"


def test_hash_randomization_has_no_say():
    code = (
        "from imgclass.data.splitting.split import SplitRule, split_images\n"
        "print(split_images([(f'{i}.png', 'ab'[i % 2]) for i in range(40)], SplitRule()).splits)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(3)
    }
    assert len(found) == 1


def test_another_seed_is_another_split():
    images = numbered(cat=50, dog=50)
    assert split_images(images, SplitRule()) != split_images(images, SplitRule(seed=1))


def test_both_unicode_forms_of_a_name_are_one_image():
    name = "café.png"
    decomposed = unicodedata.normalize("NFD", name)
    assert decomposed != name
    assert digest((name, "cat"), 0) == digest((decomposed, "cat"), 0)


def test_names_that_are_no_utf_8_are_split_too():
    images = [(f"{i}\udcff.png", "ab"[i % 2]) for i in range(10)]
    assert Counter(split_images(images, SplitRule(val=2, test=2)).splits)["val"] == 2


def test_small_classes_are_named_in_a_notice():
    images = numbered(cat=20, lynx=1, puma=2)
    assignment = split_images(images, SplitRule())
    assert "2 of 3 classes" in assignment.notices[-1]
    assert "'lynx (1)', 'puma (2)'" in assignment.notices[-1]
    found = per_class(images, assignment.splits)
    assert (found["lynx", "train"], found["puma", "train"], found["puma", "val"]) == (1, 1, 1)


def test_a_fraction_gives_way_to_the_class_minimum_and_says_so():
    assignment = split_images(numbered(cat=4, dog=4, eel=4), SplitRule(val=0.1, test=0.1))
    assert Counter(assignment.splits) == {"train": 6, "val": 3, "test": 3}
    assert assignment.notices[0].startswith("val has 3 images instead of 1")


@pytest.mark.parametrize("count", [1, 3, 100])
def test_a_count_that_cannot_be_kept_is_refused_with_its_bounds(count):
    with pytest.raises(UsageError, match=f"between 2 and .* received val={count}"):
        split_images(numbered(cat=2, dog=2), SplitRule(val=count, test=0))


@pytest.mark.parametrize(
    ("val", "test"),
    [(0.6, 0.5), (0, 0), (-1, 5), (0.1, -0.1), (1.0, 0), (float("nan"), 0.1), ("5%", 0), (True, 1)],
)
def test_sizes_out_of_range_are_refused(val, test):
    with pytest.raises(UsageError, match="Expected"):
        SplitRule(val=val, test=test)


@pytest.mark.parametrize("images", [[], [("1.png", "cat")]])
def test_fewer_than_two_classes_are_refused(images):
    with pytest.raises(LabelsError, match="at least 2 classes"):
        split_images(images, SplitRule())
