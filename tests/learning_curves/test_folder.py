"""The folder of a curve takes the same curve again, and no other."""

from dataclasses import replace

import pytest

from imgclass import Experiment, TrainingConfig
from imgclass.errors import RunError, UsageError
from imgclass.learning_curves.folder import RECORD, CurveRecord, open_curve

ASKED = CurveRecord(1, "ab" * 32, "", Experiment(training=TrainingConfig(epochs=3)))


def test_the_same_curve_goes_on_in_its_folder(tmp_path):
    path = tmp_path / "curves" / "mine"
    open_curve(path, ASKED)
    written = (path / RECORD).read_bytes()
    (path / "100-images").mkdir()
    open_curve(path, ASKED)
    assert (path / RECORD).read_bytes() == written


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"fingerprint": "cd" * 32}, "other images"),
        ({"run": "5e1f"}, "a data set, not of a run"),
        ({"experiment": Experiment(training=TrainingConfig(epochs=9))}, "epochs 3, not 9"),
        ({"format": 2}, "format 1, and this imgclass writes 2"),
    ],
)
def test_another_curve_is_refused_and_what_differs_is_named(tmp_path, changes, named):
    open_curve(tmp_path / "mine", ASKED)
    with pytest.raises(UsageError, match=rf"{named}.*choose another folder \(--out\)"):
        open_curve(tmp_path / "mine", replace(ASKED, **changes))


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="which has other files"):
        open_curve(tmp_path, ASKED)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_damaged_record_is_an_error_that_names_it(tmp_path):
    open_curve(tmp_path / "mine", ASKED)
    (tmp_path / "mine" / RECORD).write_text("{")
    with pytest.raises(RunError, match="record of a learning curve"):
        open_curve(tmp_path / "mine", ASKED)
