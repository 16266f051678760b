from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclass.data.labels.labels import Leniency, read_labels
from imgclass.data.labels.layout import Layout
from imgclass.data.splitting.groups import compile_pattern, group_of
from imgclass.data.splitting.split import SplitRule, split_images
from imgclass.errors import LabelsError, UsageError

PATIENTS = Layout(group_column="patient")


def per_class(images, splits):
    return Counter((label, split) for (_, label), split in zip(images, splits, strict=True))


def straddling(groups, splits):
    found = defaultdict(set)
    for group, split in zip(groups, splits, strict=True):
        if group is not None:
            found[group].add(split)
    return [group for group, names in found.items() if len(names) > 1]


@st.composite
def grouped(draw):
    count = draw(st.integers(6, 60))
    images = [(f"{i}.png", "abc"[draw(st.integers(0, 2))]) for i in range(count)]
    images[0], images[1] = ("0.png", "a"), ("1.png", "b")
    groups = [draw(st.one_of(st.none(), st.integers(0, 8))) for _ in range(count)]
    return images, groups


@given(grouped(), st.integers(), st.sampled_from([(0.1, 0.1), (0.3, 0.2), (0.0, 0.25)]))
def test_no_group_straddles_two_splits(case, seed, sizes):
    images, groups = case
    rule = SplitRule(val=sizes[0], test=sizes[1], seed=seed)
    assert not straddling(groups, split_images(images, rule, groups).splits)


def test_counts_are_exact_and_stratified_where_single_images_can_fill_them():
    images = [(f"{i}.jpg", f"class {i % 10}") for i in range(50_000)]
    groups = [i // 20 if i < 6_000 and i % 20 in {3, 13} else None for i in range(50_000)]
    assignment = split_images(images, SplitRule(val=2500, test=2500), groups)
    assert not straddling(groups, assignment.splits)
    assert set(per_class(images, assignment.splits).values()) == {4500, 250}
    assert not assignment.notices


def test_groups_come_into_splits_in_proportion_to_their_sizes():
    images = [(f"{i}.jpg", "ab"[i // 2 % 2]) for i in range(2_000)]
    groups = [i // 4 * 2 + i // 2 % 2 if i < 1_000 else None for i in range(2_000)]
    splits = split_images(images, SplitRule(val=0.2, test=0.2), groups).splits
    in_groups = Counter(splits[:1_000])
    assert abs(in_groups["val"] - 200) <= 4
    assert abs(in_groups["test"] - 200) <= 4


def test_a_data_set_of_groups_alone_is_split_as_well_as_they_allow_and_says_so():
    images = [(f"{i}.png", "ab"[i // 7 % 2]) for i in range(700)]
    groups = [i // 7 for i in range(700)]
    assignment = split_images(images, SplitRule(val=0.1, test=0.1), groups)
    counts = Counter(assignment.splits)
    assert not straddling(groups, assignment.splits)
    assert abs(counts["val"] - 70) <= 7
    assert abs(counts["test"] - 70) <= 7
    assert set(per_class(images, assignment.splits)) == {
        (label, split) for label in "ab" for split in ("train", "val", "test")
    }


def test_a_split_that_was_not_asked_for_gets_no_group():
    images = [(f"{i}.png", "ab"[i // 10 % 2]) for i in range(40)]
    groups = [i // 10 for i in range(40)]
    assert set(split_images(images, SplitRule(val=0.2, test=0), groups).splits) == {"train", "val"}


def test_a_shortfall_is_reported():
    images = [(f"{i}.png", "ab"[i % 2]) for i in range(40)]
    groups = [i // 20 for i in range(40)]
    notices = split_images(images, SplitRule(val=0.1, test=0.1), groups).notices
    assert any("since groups stay together" in notice for notice in notices)
    assert any(notice.startswith("test has no image of 'a', 'b'") for notice in notices)


def test_the_order_of_the_images_has_no_say():
    images = [(f"{i}.png", "ab"[i % 2]) for i in range(60)]
    groups = [i // 3 if i < 30 else None for i in range(60)]
    there = split_images(images, SplitRule(val=0.2, test=0.2), groups).splits
    back = split_images(images[::-1], SplitRule(val=0.2, test=0.2), groups[::-1]).splits
    assert there == back[::-1]


def test_an_image_alone_in_its_group_is_split_like_any_other():
    images = [(f"{i}.png", "ab"[i % 2]) for i in range(60)]
    rule = SplitRule()
    assert split_images(images, rule) == split_images(images, rule, list(range(60)))


@pytest.mark.parametrize(
    ("pattern", "source", "group"),
    [
        (r"^(p\d+)_", "p07_3.png", "p07"),
        (r"^[^_]+", "scene_3.png", "scene"),
        (r"^(.*)/", "burst/3.png", "burst"),
        (r"^(p\d+)_", "3.png", None),
        (r"(x)?3", "3.png", None),
    ],
)
def test_a_pattern_finds_the_group_in_the_name(pattern, source, group):
    assert group_of(source, compile_pattern(pattern)) == group


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(UsageError, match="regular expression"):
        compile_pattern("(")


def test_a_column_of_groups_is_read_and_an_empty_field_is_no_group(desk):
    desk.labels.write_text("id,label,patient\n1,ant,p1\n2,bee,\n3,ant,p1\n", encoding="utf-8")
    rows = read_labels(
        desk.labels, desk.images, PATIENTS, leniency=Leniency(ignore_unlabelled=True)
    ).rows
    assert [row.group for row in rows] == ["p1", None, "p1"]


def test_a_column_of_groups_that_is_missing_is_named_with_those_there_are(desk):
    with pytest.raises(LabelsError, match=r"no column 'patient'.*--group-column.*'id', 'label'"):
        read_labels(desk.labels, desk.images, PATIENTS)


def test_one_image_in_two_groups_is_a_contradiction(desk):
    desk.labels.write_text("id,label,patient\n1,ant,p1\n1,ant,p2\n", encoding="utf-8")
    with pytest.raises(LabelsError, match="'1' is in the groups 'p1' and 'p2'"):
        read_labels(desk.labels, desk.images, PATIENTS, leniency=Leniency(ignore_unlabelled=True))
