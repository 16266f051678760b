import pytest

from imgclass.errors import RunError


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
