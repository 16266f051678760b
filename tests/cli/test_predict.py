import json

import numpy as np
import pytest
from PIL import Image

from imgclass.serving import Prediction, Predictions

QUIET = "imgclass.training.backend.load_keras_quietly"


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A folder with a dark, a bright and a grey image; it lies in the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for name, value in (("a", 0), ("b", 255), ("c", 153)):
        Image.new("RGB", (8, 8), (value,) * 3).save(tmp_path / "photos" / f"{name}.png")
    return tmp_path / "photos"


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


@pytest.mark.usefixtures("photos")
def test_a_table_has_a_line_for_each_image(imgclass, bright_run):
    done = imgclass("predict", bright_run, "photos")
    assert done.code == 0
    assert done.out.splitlines() == [
        "image         class   probability  next",
        "photos/a.png  01      100.0 %      NA 0.0 %",
        "photos/b.png  NA      100.0 %      01 0.0 %",
        "photos/c.png  NA      60.0 %       01 40.0 %",
    ]


@pytest.mark.usefixtures("photos")
def test_a_quoted_pattern_names_images(imgclass, bright_run):
    done = imgclass("predict", bright_run, "photos/[ab].png", "--top", 1)
    assert [line.split() for line in done.out.splitlines()[1:]] == [
        ["photos/a.png", "01", "100.0", "%"],
        ["photos/b.png", "NA", "100.0", "%"],
    ]


@pytest.mark.usefixtures("photos")
def test_an_image_below_the_threshold_is_unsure(imgclass, bright_run):
    done = imgclass("predict", bright_run, "photos", "--threshold", 0.7)
    assert done.out.splitlines()[3] == "photos/c.png  unsure  60.0 %       NA 60.0 %, 01 40.0 %"
    done = imgclass("predict", bright_run, "photos", "--threshold", 0.7, "--json")
    assert [each["unsure"] for each in done.json["predictions"]] == [False, False, True]


@pytest.mark.usefixtures("photos")
def test_json_is_one_object_with_a_list(imgclass, bright_run):
    done = imgclass("predict", bright_run, "photos/c.png", "photos/a.png", "--top", 1, "--json")
    assert done.out == json.dumps(done.json, indent=2) + "\n"
    assert [each["path"] for each in done.json["predictions"]] == ["photos/c.png", "photos/a.png"]
    assert done.json["predictions"][1]["top"] == [{"class": "01", "probability": 1.0}]


@pytest.mark.usefixtures("photos")
def test_a_csv_says_the_same_as_the_api(imgclass, bright_run):
    from imgclass.run import Run

    done = imgclass("predict", bright_run, "photos", "--csv", "out.csv", "--json")
    assert (done.code, done.json["images"], done.json["unread"]) == (0, 3, 0)
    import pandas as pd

    written = pd.read_csv("out.csv", keep_default_na=False, dtype={"predicted": str})
    frame = Run.load(bright_run).predict("photos").to_frame(top=2)
    assert written["path"].tolist() == frame["path"].tolist()
    assert written["predicted"].tolist() == frame["predicted"].tolist()
    for column in ("probability", "probability_2"):
        assert (np.float32(written[column]) == np.float32(frame[column])).all()


def test_a_csv_may_go_to_standard_output(imgclass, bright_run, photos):
    imgclass("predict", bright_run, "photos", "--csv", "out.csv")
    done = imgclass("predict", bright_run, "photos", "--csv", "-")
    assert done.out == (photos.parent / "out.csv").read_text()


@pytest.mark.usefixtures("photos")
def test_a_finished_csv_is_not_written_again(imgclass, bright_run):
    for code in (0, 5):
        assert imgclass("predict", bright_run, "photos", "--csv", "out.csv").code == code


def test_a_submission_looks_like_its_sample(imgclass, bright_run, photos):
    (photos.parent / "sample.csv").write_text("id,NA,01\nc,0.5,0.5\na,0.5,0.5\n")
    done = imgclass("predict", bright_run, photos, "--csv", "out.csv", "--like", "sample.csv")
    assert done.code == 0
    assert "Left out: 1 image that sample.csv has no id for." in done.err
    assert (photos.parent / "out.csv").read_text() == "id,NA,01\nc,0.6,0.4\na,0.0,1.0\n"


def test_images_that_cannot_be_read_are_named_in_the_csv_and_on_standard_error(
    imgclass, bright_run, images, tmp_path
):
    done = imgclass("predict", bright_run, images, "--csv", tmp_path / "out.csv")
    assert done.code == 4
    assert "2 images could not be read:" in done.err
    assert (tmp_path / "out.csv").read_text().count("Expected an image") == 2


def test_no_csv_is_left_where_no_image_can_be_read(imgclass, bright_run, images, tmp_path):
    (images / "good.png").unlink()
    done = imgclass("predict", bright_run, images, "--csv", tmp_path / "out.csv")
    assert done.code == 3
    assert not list(tmp_path.glob("*out.csv*"))


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        (["--threshold", "1.5"], 2, "--threshold"),
        (["--top", "0"], 2, "--top"),
        (["--tresh", "0.5"], 2, "--tresh"),
        (["--csv", "no/out.csv"], 2, "there is no folder no"),
        (["--csv", "photos"], 2, "it is a folder"),
        (["--like", "sample.csv"], 2, "--csv FILE with --like"),
        (["--like", "s.csv", "--threshold", "0.5", "--csv", "o.csv"], 2, "received both"),
        (["--like", "s.csv", "--csv", "o.csv"], 3, "s.csv: No such file"),
        (["--csv", "-", "--json"], 2, "both write to standard output"),
        (["new/*.jpg"], 2, "no file matches"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.usefixtures("photos")
def test_wrong_options_say_what_was_expected(imgclass, bright_run, options, code, reason):
    done = imgclass("predict", bright_run, "photos", *options)
    assert (done.code, reason in done.err + done.out) == (code, True)


def test_more_classes_than_there_are_are_all_named(imgclass, bright_run, photos):
    done = imgclass("predict", bright_run, photos / "a.png", "--top", 5, "--json")
    assert "The model has 2 classes; all are named." in done.err
    assert len(done.json["predictions"][0]["top"]) == 2


@pytest.mark.keras
def test_a_model_with_code_in_it_predicts_with_trust_only(imgclass, lambda_run, images):
    refused = imgclass("predict", lambda_run, images / "good.png")
    assert (refused.code, "Lambda" in refused.err) == (5, True)
    done = imgclass("predict", lambda_run, images / "good.png", "--trust", "--top", 1, "--json")
    assert done.code == 0
    assert done.json["predictions"][0]["top"][0]["class"] in {"01", "NA"}


def test_images_that_cannot_be_read_are_named_and_none_at_all_is_an_error(  # I4
    imgclass, bright_run, images
):
    done = imgclass("predict", bright_run, images)
    assert (done.code, done.out.count("Expected an image")) == (4, 2)
    (images / "good.png").unlink()
    for options in ([], ["--csv", "-"]):
        done = imgclass("predict", bright_run, images, *options)
        assert (done.code, done.out) == (3, "")
        assert "None of the 2 images could be read. Expected an image" in done.err
    done = imgclass("predict", bright_run, images, "--json")
    assert set(done.json) == {"error"}


def test_isolated_prediction_leaves_keras_to_the_other_process(
    imgclass, run_dir, tmp_path, monkeypatch
):
    asked = []

    def predict_isolated(classifier, files):
        asked.append((classifier.trust, files))
        return Predictions((Prediction(image, ("a", "b"), np.array([0.25, 0.75])),))

    image = tmp_path / "1.png"
    monkeypatch.setattr("imgclass.serving.predict_isolated", predict_isolated)
    monkeypatch.setattr(QUIET, lambda: pytest.fail("Keras is loaded"))
    done = imgclass("predict", run_dir, image, "--isolate", "--trust")
    assert done.out.splitlines()[1].split()[-6:] == ["b", "75.0", "%", "a", "25.0", "%"]
    assert asked == [(True, [image])]


@pytest.mark.parametrize("verb", ["predict", "evaluate"])
def test_a_model_is_refused_before_keras_is_loaded(imgclass, run_dir, tmp_path, verb, monkeypatch):
    monkeypatch.setattr(QUIET, lambda: pytest.fail("Keras is loaded"))
    (tmp_path / "1.png").write_bytes(b"")
    done = imgclass(verb, run_dir, *([tmp_path / "1.png"] if verb == "predict" else []))
    assert done.code == 5
    assert "--trust" in done.err
