import pytest


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


def test_people_read_the_explanation_and_the_advice(imgclass, run_dir):
    done = imgclass("diagnose", run_dir)
    assert done.out.startswith("high_variance: ")
    assert "Next experiment: " in done.out


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
