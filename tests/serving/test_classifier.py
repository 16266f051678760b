import shutil
from dataclasses import replace

import numpy as np
import pytest

from imgclass.entry_points import Origin
from imgclass.errors import RunError
from imgclass.io.fs import FileSystem
from imgclass.models.metadata import ModelMetadata, read_metadata
from imgclass.models.model_file import save_model
from imgclass.models.spec import ModelSpec
from imgclass.serving import Classifier


@pytest.fixture
def file(tmp_path):
    """A model file, as a run has it."""
    from imgclass.models import architectures
    from imgclass.models.plain import plain_copy
    from imgclass.training.hardware import building

    with building(precision="float32", seed=0):
        model = architectures["cnn"](ModelSpec(image_size=(8, 8), depth=1, width=4), 2)
        plain = plain_copy(model)
    origin = Origin("imgclass-keras", "0.2.0", "imgclass.models.cnn:cnn")

    def write(name="model.keras", *, tta=False):
        metadata = ModelMetadata(("cat", "dog"), (8, 8), "pad", tta, "cnn", origin)
        save_model(plain, tmp_path / name, metadata, files=FileSystem())
        return tmp_path / name

    return write


@pytest.mark.keras
def test_a_model_file_that_is_handed_on_alone_predicts(file, tmp_path):
    moved = tmp_path / "elsewhere.keras"
    shutil.copy(file(), moved)
    classifier = Classifier.load(moved)
    assert (classifier.class_names, classifier.image_size, classifier.resize) == (
        ("cat", "dog"),
        (8, 8),
        "pad",
    )
    (prediction,) = classifier.predict(np.zeros((20, 10, 3), np.uint8))
    assert prediction.top1 in {"cat", "dog"}


@pytest.mark.keras
def test_with_averaging_an_image_and_its_mirror_image_are_predicted_the_same(file):
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype("uint8")
    mirrored = np.ascontiguousarray(image[:, ::-1])
    for tta in (False, True):
        classifier = Classifier.load(file(f"{tta}.keras", tta=tta))
        one, other = (p.probabilities for p in classifier.predict([image, mirrored]))
        assert np.allclose(one, other, atol=1e-6) == tta


@pytest.mark.keras
@pytest.mark.parametrize(
    "changes",
    [{"class_names": ("cat", "dog", "owl")}, {"image_size": (16, 16)}],
    ids=["classes", "size"],
)
def test_a_model_of_other_classes_or_another_size_is_refused(file, changes):
    classifier = replace(Classifier.load(file()), **changes)
    with pytest.raises(RunError, match=r"takes \(None, 8, 8, 3\) and gives \(None, 2\)"):
        _ = classifier.model


@pytest.mark.keras
def test_an_image_size_that_fits_no_memory_is_refused(file, monkeypatch):
    huge = replace(read_metadata(file()), image_size=(100_000, 100_000))
    monkeypatch.setattr("imgclass.serving.classifier.read_metadata", lambda *_, **__: huge)
    with pytest.raises(RunError, match=r"one image takes 120\.0 GB"):
        Classifier.load("model.keras")


@pytest.mark.keras
def test_a_file_of_keras_alone_is_refused(tmp_path):
    import keras

    keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()]).save(tmp_path / "a.keras")
    with pytest.raises(RunError, match="which says its classes"):
        Classifier.load(tmp_path / "a.keras")
