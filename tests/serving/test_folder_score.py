from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from imgclass.errors import DatasetError, ImageError
from imgclass.serving.classifier import Classifier
from imgclass.serving.folder_score import score_images
from imgclass.serving.labelled_images import labelled_images


@pytest.fixture
def classifier(model, monkeypatch, tmp_path):
    """A classifier of `dark` and `light` that looks at the brightness."""
    monkeypatch.setattr(Classifier, "model", property(lambda _: model))
    return Classifier(tmp_path / "no.keras", ("dark", "light"), (4, 6))


@pytest.fixture
def folder(tmp_path):
    """Six dark images, one of them in `light`, four light ones, and a file that is no image."""
    values = {"dark": [10, 20, 30, 40, 50], "light": [60, 200, 210, 220, 230]}
    for label, bright in values.items():
        (tmp_path / "new" / label).mkdir(parents=True)
        for value in bright:
            Image.new("RGB", (6, 4), (value,) * 3).save(tmp_path / "new" / label / f"{value}.png")
    (tmp_path / "new" / "dark" / "z.png").write_text("no image")
    return tmp_path / "new"


def test_a_score_counts_what_was_right_and_names_what_could_not_be_read(classifier, folder):
    scored = score_images(classifier, labelled_images(folder))
    assert scored.score.confusion == ((5, 0), (1, 4))
    assert (scored.score.accuracy, scored.balanced_accuracy) == (0.9, pytest.approx(0.9))
    assert [p.path.name for p in scored.unread] == ["z.png"]
    of_label = [1 - v / 255 for v in (10, 20, 30, 40, 50)]
    of_label += [v / 255 for v in (60, 200, 210, 220, 230)]
    assert scored.score.loss == pytest.approx(-np.log(of_label).mean(), rel=1e-5)


def test_recall_and_precision_have_intervals(classifier, folder):
    dark, light = score_images(classifier, labelled_images(folder)).per_class
    assert (dark.n, dark.recall.value, dark.precision.value) == (5, 1.0, pytest.approx(5 / 6))
    assert (light.n, light.recall.value, light.precision.value) == (5, 0.8, 1.0)
    for rate in (dark.recall, dark.precision, light.recall, light.precision):
        low, high = rate.interval
        assert 0 <= low <= rate.value <= high <= 1


def test_a_class_without_images_has_no_recall_and_does_not_count(classifier, folder):
    for file in (folder / "light").iterdir():
        file.unlink()
    scored = score_images(classifier, labelled_images(folder))
    assert (scored.absent, scored.balanced_accuracy) == (("light",), 1.0)
    assert scored.per_class[1].recall.value is None
    assert scored.per_class[1].precision.interval is None


def test_images_of_unknown_classes_do_not_count(classifier, folder):
    (folder / "light").rename(folder / "owl")
    scored = score_images(classifier, labelled_images(folder))
    assert (scored.score.n, scored.unknown) == (5, {"owl": 5})


def test_images_that_the_model_was_trained_with_are_counted(classifier, folder):
    learned = {sha256((folder / "dark" / f"{v}.png").read_bytes()).hexdigest() for v in (10, 20)}
    assert score_images(classifier, labelled_images(folder), learned=learned).learned == 2


def test_nothing_to_score_is_an_error(classifier, folder):
    for file in folder.glob("*/*.png"):
        file.write_text("no image")
    with pytest.raises(ImageError, match="None of the 11 images"):
        score_images(classifier, labelled_images(folder))
    for name in ("dark", "light"):
        (folder / name).rename(folder / f"{name}2")
    with pytest.raises(DatasetError, match="classes that the model knows"):
        score_images(classifier, labelled_images(folder))
