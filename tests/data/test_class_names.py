import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgclass.data.class_names import class_directory, class_label
from imgclass.errors import LabelsError

FORBIDDEN = set('/\\:*?"<>|')


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_a_directory_is_safe_and_gives_its_label_back(label):
    try:
        directory = class_directory(label)
    except LabelsError:
        return
    assert class_label(directory) == label
    assert not FORBIDDEN & set(directory)
    assert directory.strip(" .") == directory
    assert len(directory.encode()) <= 255


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.text("%2F/.a ", min_size=1, max_size=5), unique=True))
def test_different_labels_have_different_directories(labels):
    directories = [class_directory(label) for label in labels if label.strip()]
    assert len(set(directories)) == len(directories)


@pytest.mark.parametrize("label", ["cat", "dog 2", "Quercus sp", "caf\xe9", "\u732b", "-x", "=x"])
def test_an_ordinary_label_is_its_own_directory(label):
    assert class_directory(label) == label


@pytest.mark.parametrize(
    ("label", "directory"),
    [
        ("a/b", "a%2Fb"),
        ("a\\b", "a%5Cb"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        (".hidden", "%2Ehidden"),
        ("sp.", "sp%2E"),
        ("100%", "100%25"),
        ("<script>", "%3Cscript%3E"),
    ],
)
def test_l16_what_a_file_system_refuses_is_escaped(label, directory):
    assert class_directory(label) == directory


@pytest.mark.parametrize(
    "label",
    ["", " ", "a\nb", "a\0b", "\x9b1m", "x" * 256, "\u732b" * 86, "nul", "LPT1.x", "\ud800"],
)
def test_l16_l17_what_no_directory_can_be_is_refused(label):
    with pytest.raises(LabelsError, match="the label"):
        class_directory(label)
