from dataclasses import replace

import pytest

from imgclass.serving.export import ExportedModel, Parity

REAL = Parity(200, True, 2.4e-7, 1.0, 0.995, 0.99, 0.0004)


@pytest.fixture
def exporting(monkeypatch):
    """Let the verb export without Keras; each plan is kept."""
    plans = []

    def begin(parity=REAL):
        def export_classifier(_, plan):
            plans.append(plan)
            return ExportedModel(
                plan.folder / "model.onnx", plan.to, plan.precision, 578_226, parity
            )

        monkeypatch.setattr("imgclass.serving.export.export_classifier", export_classifier)
        monkeypatch.setattr("imgclass.training.backend.load_keras_quietly", lambda: None)
        monkeypatch.setattr("imgclass.serving.classifier.Classifier.check", lambda _: None)
        monkeypatch.setattr("imgclass.serving.export.exporter.require_extra", lambda _: None)
        return plans

    return begin


def test_an_export_is_said_in_figures(imgclass, run_dir, exporting):
    exporting()
    done = imgclass("export", run_dir, "--to", "onnx")
    assert done.code == 0
    lines = dict(line.split("  ", 1) for line in done.out.strip().split("\n"))
    assert {name: text.strip() for name, text in lines.items()} == {
        "file": str(run_dir / "export" / "onnx" / "model.onnx"),
        "size": "0.6 MB; model.keras has 0.1 MB",
        "same class": "200 of 200 val images",
        "probabilities": "differ by up to 2e-07, at most 0.0001 is allowed",
        "accuracy": "99.5 %; the run has 99.0 % on these images",
        "time": "0.4 ms for one image, on this machine",
    }


def test_an_export_as_json_has_the_same_figures(imgclass, run_dir, exporting, tmp_path):
    [] = plans = exporting()
    done = imgclass(
        "export", run_dir, "--to", "litert", "--float16", "--out", tmp_path / "phone", "--json"
    )
    assert done.json["parity"]["largest_difference"] == 2.4e-7
    assert (done.json["precision"], done.json["bytes"]) == ("float16", 578_226)
    assert done.json["path"] == str(tmp_path / "phone" / "model.onnx")
    assert [plan.folder for plan in plans] == [tmp_path / "phone"]


def test_a_comparison_on_noise_and_a_score_over_mirror_images_are_said(
    imgclass, small_run, keep_run, exporting
):
    experiment = replace(small_run.experiment, tta=True)
    run_dir = keep_run(replace(small_run, experiment=experiment))
    exporting(replace(REAL, are_real=False, accuracy=None, run_accuracy=None))
    done = imgclass("export", run_dir, "--to", "savedmodel")
    assert "was compared on noise. Name their place (--data)" in done.out
    assert "averaged over mirror images needs two predictions an image" in done.out
    assert "accuracy " not in done.out.split("\n\n")[0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--to", "tflite"], 2, "Expected one of savedmodel, onnx, litert; received 'tflite'"),
        (["--to", "onnx", "--int8"], 2, "Only litert has other precisions"),
        (["--to", "litert", "--int8", "--float16"], 2, "received both"),
        ([], 2, "--to"),
    ],
)
def test_what_cannot_be_exported_is_refused_before_keras_is_loaded(
    imgclass, run_dir, words, code, said
):
    done = imgclass("export", run_dir, *words)
    assert (done.code, said in done.err) == (code, True)
