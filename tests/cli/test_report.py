import json

from imgclass.experiment import Experiment
from imgclass.learning_curves import CurvePoint, LearningCurve
from imgclass.learning_curves.folder import CurveRecord
from imgclass.learning_curves.kept import keep_result


def test_a_report_is_written_beside_the_run(imgclass, run_dir):
    done = imgclass("report", run_dir)
    assert done.out.strip() == str(run_dir / "report.html")
    assert (run_dir / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_a_learning_curve_of_the_same_images_is_in_the_report(
    imgclass, run_dir, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    record = json.loads((run_dir / "run.json").read_text()) | {"fingerprint": "ab"}
    (run_dir / "run.json").write_text(json.dumps(record))
    folder = tmp_path / "learning-curves" / "digits"
    folder.mkdir(parents=True)
    curve = LearningCurve([CurvePoint(n, 500 + n, 1000) for n in (100, 200, 400)], 0.1)
    keep_result(curve, CurveRecord(1, "ab", "", Experiment()), folder)
    imgclass("report", run_dir)
    assert "Data is a limit" in (run_dir / "report.html").read_text()
