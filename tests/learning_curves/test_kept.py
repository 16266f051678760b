from dataclasses import replace

import pytest

from imgclass.experiment import Experiment
from imgclass.learning_curves import CurvePoint, LearningCurve
from imgclass.learning_curves.folder import FORMAT, CurveRecord
from imgclass.learning_curves.kept import RESULT, find_curve, keep_result

CURVE = LearningCurve(
    [CurvePoint(n, 500 + n, 1000) for n in (100, 200, 400)], 0.1, None, "high_bias"
)


@pytest.fixture
def keep(tmp_path):
    def keep(name, fingerprint="", run="", curve=CURVE):
        folder = tmp_path / "learning-curves" / name
        folder.mkdir(parents=True)
        keep_result(curve, CurveRecord(FORMAT, fingerprint, run, Experiment()), folder)
        return folder

    return keep


@pytest.fixture
def find(small_run, tmp_path):
    known = replace(small_run, record=replace(small_run.record, id="5e1f", fingerprint="ab"))
    return lambda: find_curve(known, places=(tmp_path / "learning-curves",))


def test_a_curve_of_the_same_images_is_found_as_it_was(keep, find):
    keep("other", fingerprint="cd")
    folder = keep("mine", fingerprint="ab")
    assert find() == CURVE
    assert (find().path, find().finding) == (folder, "high_bias")


def test_a_curve_of_the_run_itself_is_preferred(keep, find):
    keep("a", fingerprint="ab")
    mine = keep("b", fingerprint="ab", run="5e1f")
    assert find().path == mine


def test_without_a_curve_there_is_none(keep, find):
    assert find() is None
    keep("other", fingerprint="cd")
    assert find() is None


@pytest.mark.parametrize(
    ("old", "new"), [('"n": 1000', '"n": -5'), ("{", "["), ('"format": 1', '"format": 9')]
)
def test_a_damaged_result_is_passed_over(keep, find, old, new):
    file = keep("mine", fingerprint="ab") / RESULT
    file.write_text(file.read_text().replace(old, new))
    assert find() is None


def test_a_curve_is_looked_for_beside_the_folder_of_runs(keep, small_run, tmp_path, monkeypatch):
    folder = keep("mine", fingerprint="ab")
    run = replace(
        small_run,
        path=tmp_path / "runs" / "cnn-1",
        record=replace(small_run.record, fingerprint="ab"),
    )
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert find_curve(run).path == folder
