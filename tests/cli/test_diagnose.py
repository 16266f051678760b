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
