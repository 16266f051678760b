from dataclasses import replace

import pytest

from imgclass.diagnosis import Expectation


def test_a_diagnosis_is_findings_and_the_next_experiment_whole(imgclass, run_dir):
    done = imgclass("diagnose", run_dir, "--json")
    assert done.code == 0
    finding = done.json["findings"][0]
    assert set(finding) == {"name", "gap", "interval", "advice"}
    assert finding["name"] == "high_variance"
    assert finding["gap"] == pytest.approx(0.19)
    recommendation = done.json["recommendation"]
    assert recommendation["changes"]
    assert recommendation["experiment"]["architecture"] == "cnn"


def test_a_target_that_is_reached_is_good_enough(imgclass, run_dir):
    done = imgclass("diagnose", run_dir, "--target-accuracy", "0.7", "--json")
    assert "good_enough" in [finding["name"] for finding in done.json["findings"]]


def test_a_run_given_as_the_target_stands_for_its_val_accuracy(imgclass, run_dir, small_run):
    low = ["--train", "0.2", "--n-train", "1000", "--val", "0.2", "--n-val", "1000"]
    done = imgclass("diagnose", *low, "--target-accuracy", run_dir, "--json")
    (bias,) = [found for found in done.json["findings"] if found["name"] == "high_bias"]
    assert bias["gap"] == pytest.approx(small_run.evaluation.val.accuracy - 0.2)


def test_a_target_that_is_no_accuracy_and_no_run_is_an_error_that_names_both(imgclass, run_dir):
    done = imgclass("diagnose", run_dir, "--target-accuracy", "runs/none")
    assert done.code == 2
    assert "such as 0.95" in done.err
    assert "directory of a run" in done.err


def test_people_read_the_explanation_and_the_advice(imgclass, run_dir):
    done = imgclass("diagnose", run_dir)
    assert done.out.startswith("high_variance: ")
    assert "Next experiment: " in done.out


def test_what_the_next_experiment_may_bring_is_said(imgclass, small_run, keep_run):
    finding = small_run.diagnosis.verdict
    step = replace(
        finding.recommendations[0],
        lever="drop_more",
        expected=Expectation(0.021, (-0.003, 0.04), runs=23),
        seconds=40.0,
        falsifier="Wrong if it rains.",
    )
    told = replace(finding, recommendations=(step,))
    path = keep_run(
        replace(small_run, kept_diagnosis=replace(small_run.diagnosis, findings=(told,)))
    )
    said = (
        "In 23 similar runs, median +2.1 points, between -0.3 and +4.0; about 40 s here. "
        "Wrong if it rains."
    )
    assert said in imgclass("diagnose", path).out
    recommendation = imgclass("diagnose", path, "--json").json["recommendation"]
    assert recommendation["expected"] == {"gain": 0.021, "interval": [-0.003, 0.04], "runs": 23}
    assert (recommendation["lever"], recommendation["seconds"]) == ("drop_more", 40.0)
    assert recommendation["falsifier"] == "Wrong if it rains."
    imgclass("report", path)
    assert said in (path / "report.html").read_text(encoding="utf-8")


def verdicts(done):
    return [finding["name"] for finding in done.json["findings"]]


def test_accuracies_alone_are_diagnosed(imgclass):
    done = imgclass("diagnose", "--train", "0.948", "--val", "0.806", "--n-val", "2500", "--json")
    assert done.code == 0
    assert verdicts(done) == ["high_variance"]
    assert done.json["not_judged"]


def test_a_train_dev_accuracy_tells_mismatch_from_variance(imgclass):
    done = imgclass("diagnose", "--train", "0.95", "--train-dev", "0.94", "--val", "0.80", "--json")
    assert verdicts(done) == ["mismatch"]


def test_what_fit_printed_far_above_a_clean_pass_is_a_defect(imgclass):
    done = imgclass(
        "diagnose", "--history-train", "1.0", "--train", "0.449", "--val", "0.692", "--json"
    )
    assert verdicts(done) == ["mode_defect"]


def test_a_file_of_keras_csv_logger_is_diagnosed(imgclass, tmp_path):
    log = tmp_path / "log.csv"
    rows = ("0,0.62,1.1,0.60,1.0", "1,0.87,0.4,0.87,0.5", "2,0.10,2.31,0.10,2.31")
    header = "epoch,accuracy,loss,val_accuracy,val_loss"
    log.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    done = imgclass("diagnose", log, "--json")
    assert verdicts(done) == ["optimisation_failure"]


def test_a_file_that_is_no_history_is_refused_with_its_line(imgclass, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("epoch,accuracy\n0,high\n", encoding="utf-8")
    done = imgclass("diagnose", log)
    assert done.code == 2
    assert "line 2: expected a number; received 'high'" in done.err


def test_nothing_to_diagnose_is_refused_with_what_fits(imgclass):
    done = imgclass("diagnose", "--n-val", "2500")
    assert done.code == 2
    assert "--train 0.95 --val 0.81" in done.err


def test_what_is_known_beside_a_run_is_used(imgclass, run_dir):
    done = imgclass("diagnose", run_dir, "--test", "0.5", "--json")
    assert "val_overfit" in verdicts(done)
