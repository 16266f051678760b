from dataclasses import replace

import pytest

from imgclass.errors import RunError


@pytest.fixture
def run_dir(small_run, keep_run):
    return keep_run(small_run)


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


def test_a_report_is_written_beside_the_run(imgclass, run_dir):
    done = imgclass("report", run_dir)
    assert done.out.strip() == str(run_dir / "report.html")
    assert (run_dir / "report.html").read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("verb", ["diagnose", "report", "predict", "evaluate", "train"])
def test_a_run_that_somebody_spoiled_is_one_short_line(imgclass, run_dir, verb, tmp_path):
    path = run_dir / "run.json"
    path.write_text(path.read_text().replace('"NA"', '"' + "\\u001b[2J" * 1_000_000 + '"'))
    words = {
        "predict": [run_dir, tmp_path / "1.png"],
        "train": [tmp_path, "--follow", run_dir],
    }
    done = imgclass(verb, *words.get(verb, [run_dir]))
    assert done.code == 3
    assert "run.json" in done.err
    assert len(done.err) < 1200
    assert "\x1b" not in done.err
    assert done.err.count("\n") == 1


def test_texts_of_a_run_are_short_and_cannot_drive_the_terminal(imgclass, small_run, keep_run):
    finding = small_run.diagnosis.verdict
    hostile = replace(
        finding, name="\x1b[2J" * 100, explanation="z\x1b" * 40_000, advice=("a\n" * 999,)
    )
    diagnosis = replace(small_run.diagnosis, findings=(hostile,))
    experiment = replace(small_run.experiment, architecture="\x9b" * 90_000)
    path = keep_run(replace(small_run, kept_diagnosis=diagnosis, experiment=experiment))
    said = imgclass("diagnose", path).out + imgclass("runs", path).out
    assert len(said) < 10_000
    assert "\x1b" not in said
    assert "\x9b" not in said
    imgclass("report", path)
    assert len((path / "report.html").read_text()) < 500_000


def test_trust_reaches_the_model(imgclass, run_dir, tmp_path, monkeypatch):
    asked = []

    def load_model(_, *, trust, **__):
        asked.append(trust)
        raise RunError("asked")

    monkeypatch.setattr("imgclass.serving.classifier.load_model", load_model)
    monkeypatch.setattr("imgclass.serving.Classifier.check", lambda _: None)
    monkeypatch.setattr("imgclass.training.backend.load_keras_quietly", lambda: None)
    (tmp_path / "1.png").write_bytes(b"")
    for options in ([], ["--trust"]):
        imgclass("predict", run_dir, tmp_path / "1.png", *options)
    assert asked == [False, True]


def test_evaluate_trusts_where_it_is_told_to(imgclass, run_dir, monkeypatch):
    asked = []

    def evaluate_run(run, **_):
        asked.append(run.trust)
        raise RunError("asked")

    monkeypatch.setattr("imgclass.execution.evaluate_run", evaluate_run)
    monkeypatch.setattr("imgclass.serving.Classifier.check", lambda _: None)
    monkeypatch.setattr("imgclass.training.backend.load_keras_quietly", lambda: None)
    for options in ([], ["--trust"]):
        imgclass("evaluate", run_dir, *options)
    assert asked == [False, True]


def test_isolated_prediction_leaves_keras_to_the_other_process(
    imgclass, run_dir, tmp_path, monkeypatch
):
    asked = []

    def predict_isolated(classifier, files):
        asked.append((classifier.trust, files))
        return []

    monkeypatch.setattr("imgclass.serving.predict_isolated", predict_isolated)
    monkeypatch.setattr(
        "imgclass.training.backend.load_keras_quietly", lambda: pytest.fail("Keras is loaded")
    )
    image = tmp_path / "1.png"
    assert imgclass("predict", run_dir, image, "--isolate", "--trust").code == 0
    assert asked == [(True, [image])]


@pytest.mark.parametrize("verb", ["predict", "evaluate"])
def test_a_model_is_refused_before_keras_is_loaded(imgclass, run_dir, tmp_path, verb, monkeypatch):
    monkeypatch.setattr(
        "imgclass.training.backend.load_keras_quietly", lambda: pytest.fail("Keras is loaded")
    )
    (tmp_path / "1.png").write_bytes(b"")
    done = imgclass(verb, run_dir, *([tmp_path / "1.png"] if verb == "predict" else []))
    assert done.code == 5
    assert "--trust" in done.err
