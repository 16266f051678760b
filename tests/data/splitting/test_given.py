import pytest

from imgclass.data.splitting.given import NO_TEST, assign_images
from imgclass.data.splitting.split import SplitRule, split_images
from imgclass.errors import LabelsError, UsageError

IMAGES = [(f"{number}.png", "cat" if number % 2 else "dog") for number in range(40)]


def given(**numbers):
    return [split for split, number in numbers.items() for _ in range(number)]


def test_without_given_splits_all_are_made():
    rule = SplitRule(val=4, test=4)
    assert assign_images(IMAGES, [None] * 40, rule) == split_images(IMAGES, rule)


def test_given_splits_are_kept_whatever_sizes_are_asked_for():
    splits = given(train=20, val=10, test=10)
    found = assign_images(IMAGES, splits, SplitRule(val=1, test=1))
    assert found.splits == tuple(splits)
    assert not found.notices


def test_val_is_split_off_train_and_the_test_that_is_given_stays():
    found = assign_images(IMAGES, given(train=30, test=10), SplitRule(val=0.2))
    assert found.splits[30:] == ("test",) * 10
    assert found.splits[:30].count("val") == 6
    assert found.notices == ("val is split off train: 20 %.",)


def test_a_group_stays_together_among_the_images_of_train():
    groups = ["a" if number < 8 else None for number in range(40)]
    for seed in range(5):
        rule = SplitRule(val=10, seed=seed)
        found = assign_images(IMAGES, given(train=30, test=10), rule, groups)
        assert len(set(found.splits[:8])) == 1
        assert found.splits[:30].count("val") == 10


def test_without_test_it_is_said():
    found = assign_images(IMAGES, given(train=30, val=10), SplitRule())
    assert found.notices == (NO_TEST,)


def test_a_class_that_a_split_lacks_is_named():
    images = [*IMAGES, ("x.png", "eel")]
    found = assign_images(images, [*given(train=20, val=10, test=10), "train"], SplitRule())
    assert found.notices == ("val has no image of 'eel'.", "test has no image of 'eel'.")


def test_a_class_that_train_lacks_is_an_error_with_the_way_out():
    images = [*IMAGES, ("x.png", "eel")]
    with pytest.raises(LabelsError, match=r"'eel' in test only\. .*--split-column ''"):
        assign_images(images, [*given(train=30, val=10), "test"], SplitRule())


def test_without_val_its_size_cannot_be_0():
    with pytest.raises(UsageError, match=r"Expected val \(--val\) above 0"):
        assign_images(IMAGES, given(train=30, test=10), SplitRule(val=0, test=0.1))
