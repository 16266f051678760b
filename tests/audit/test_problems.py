import pytest

from imgclass.audit.problems import PROBLEMS, find_problems
from imgclass.audit.tree import Entry, Tree
from imgclass.data.duplicates.pairs import DuplicatePair
from imgclass.images import extras
from imgclass.images.ignored_files import FILE


def tree(counts, strangers=()):
    entries = [
        Entry(f"{split}/{label}/{i}.png", label, split)
        for (split, label), number in counts.items()
        for i in range(number)
    ]
    return Tree(tuple(entries), dict.fromkeys(strangers, FILE))


def names(*args):
    return [problem.name for problem in find_problems(*args)]


def test_balanced_classes_have_no_finding():
    assert names(tree({("train", "a"): 30, ("train", "b"): 40}), ()) == []


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({("train", "a"): 30, ("train", "b"): 19}, ["tiny_class"]),
        ({("train", "a"): 300, ("train", "b"): 30}, ["imbalance"]),
        ({("train", "a"): 30, ("train", "b"): 30, ("val", "a"): 1}, ["missing_class"]),
        ({("", "a"): 30, ("", "b"): 5}, ["tiny_class"]),
    ],
)
def test_classes_that_are_tiny_imbalanced_or_missing_are_found(counts, expected):
    assert names(tree(counts), ()) == expected


def test_conflicts_and_strangers_are_counted():
    clean = tree({("train", "a"): 30}, ("notes.txt", "b.txt"))
    found = find_problems(clean, (DuplicatePair(0, 1, 0.0),))
    assert [(f.name, f.count) for f in found] == [("label_conflict", 1), ("stranger", 2)]
    assert all(f.title == PROBLEMS[f.name] for f in found)
    assert found[1].message == "2 other files are ignored: 2 .txt."


def test_i3_images_that_need_a_missing_extra_are_a_problem_of_their_own(monkeypatch):
    monkeypatch.setattr(extras, "is_installed", lambda _: False)
    [found] = find_problems(tree({("train", "a"): 30}, ("train/a/1.heic", "train/a/2.heic")), ())
    assert (found.name, found.count) == ("missing_extra", 2)
    assert "pip install 'imgclass-keras[heif]'" in found.message
