import numpy as np
import pytest
from PIL import Image

from imgclass.serving import Prediction, Predictions


@pytest.fixture
def images(tmp_path):
    """A folder with an image, and two files that are none."""
    (tmp_path / "images").mkdir()
    Image.new("RGB", (8, 8), (200, 0, 0)).save(tmp_path / "images" / "good.png")
    for name in ("bad.png", "worse.png"):
        (tmp_path / "images" / name).write_text("no image")
    return tmp_path / "images"


@pytest.fixture
def lambda_run(run_dir):
    """A run with a model of Keras that has Python code in it."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Lambda(lambda image: image / 255),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.save(run_dir / "model.keras")
    return run_dir


@pytest.mark.keras
def test_a_model_with_code_in_it_predicts_with_trust_only(imgclass, lambda_run, images):
    refused = imgclass("predict", lambda_run, images / "good.png")
    assert (refused.code, "Lambda" in refused.err) == (5, True)
    done = imgclass("predict", lambda_run, images / "good.png", "--trust", "--top", 1, "--json")
    assert done.code == 0
    assert done.json["predictions"][0]["top"][0]["class"] in {"01", "NA"}


@pytest.mark.keras
def test_images_that_cannot_be_read_are_named_and_none_at_all_is_an_error(  # I4
    imgclass, lambda_run, images
):
    done = imgclass("predict", lambda_run, images, "--trust")
    assert (done.code, done.out.count("bad.png: ")) == (4, 1)
    (images / "good.png").unlink()
    done = imgclass("predict", lambda_run, images, "--trust")
    assert (done.code, done.out) == (3, "")
    assert "None of the 2 images could be read. Expected an image" in done.err


def test_isolated_prediction_leaves_keras_to_the_other_process(
    imgclass, run_dir, tmp_path, monkeypatch
):
    asked = []

    def predict_isolated(classifier, files):
        asked.append((classifier.trust, files))
        return Predictions((Prediction(image, ("a", "b"), np.array([0.25, 0.75])),))

    image = tmp_path / "1.png"
    monkeypatch.setattr("imgclass.serving.predict_isolated", predict_isolated)
    monkeypatch.setattr(
        "imgclass.training.backend.load_keras_quietly", lambda: pytest.fail("Keras is loaded")
    )
    assert imgclass("predict", run_dir, image, "--isolate", "--trust").out.endswith(
        "1.png: b 75.0 %, a 25.0 %\n"
    )
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
