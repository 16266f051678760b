from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from imgclass.errors import ImageError
from imgclass.serving import predict


class Brightness:
    """A model by hand: the probability of `light` is the mean brightness."""

    def __init__(self):
        self.shapes = []

    def predict_on_batch(self, pixels):
        self.shapes.append(pixels.shape)
        light = pixels.astype("float64").mean(axis=(1, 2, 3)) / 255
        return np.stack([1 - light, light], axis=1).astype("float32")


def classify(images, **options):
    options = {"class_names": ("dark", "light"), "image_size": (4, 6)} | options
    return predict(Brightness(), images, **options)


def gray(value, size=(6, 4)):
    return Image.new("RGB", size, (value,) * 3)


@pytest.fixture
def light(tmp_path):
    gray(204).save(tmp_path / "light.png")
    return tmp_path / "light.png"


def test_a_path_an_array_and_a_picture_give_the_same(light):
    for image in (light, str(light), np.asarray(gray(204)), gray(204)):
        (prediction,) = classify([image])
        assert prediction.top1 == "light"
        assert prediction.top == (("light", pytest.approx(0.8)), ("dark", pytest.approx(0.2)))


def test_only_a_file_has_a_path(light):
    assert [p.path for p in classify([light, gray(0)])] == [light, None]


def test_one_image_needs_no_list(light):
    for image in (str(light), gray(204), np.asarray(gray(204))):
        assert len(classify(image)) == 1


def test_an_array_of_images_is_many():
    assert len(classify(np.zeros((3, 4, 6, 3), np.uint8))) == 3


def test_the_order_is_that_of_the_images():
    values = range(0, 250, 2)  # more than one batch
    predictions = classify(gray(value) for value in values)
    assert [p.probabilities[1] for p in predictions] == pytest.approx([v / 255 for v in values])


def test_every_batch_has_one_shape_so_that_keras_compiles_once():
    model = Brightness()
    predict(model, [gray(1)] * 70, class_names=("dark", "light"), image_size=(4, 6))
    assert set(model.shapes) == {(64, 4, 6, 3)}


def test_large_images_are_predicted_a_few_at_once(monkeypatch):
    monkeypatch.setattr("imgclass.serving.prediction.BATCH_PIXELS", 3 * 4 * 6)
    model = Brightness()
    predict(model, [gray(1)] * 3, class_names=("dark", "light"), image_size=(4, 6))
    assert model.shapes == [(2, 4, 6, 3), (2, 4, 6, 3)]


def test_a_bad_image_is_named_and_spoils_no_other(light, tmp_path):
    (tmp_path / "bad.jpg").write_text("no image")
    alone = classify([light])
    first, bad, last = classify([light, tmp_path / "bad.jpg", light])
    assert "bad.jpg" in str(bad.error)
    for good in (first, last):
        np.testing.assert_array_equal(good.probabilities, alone[0].probabilities)
    for read in ("top1", "top", "probabilities"):
        with pytest.raises(ImageError, match=r"bad\.jpg"):
            getattr(bad, read)


@pytest.mark.parametrize(
    "image", [np.zeros((4, 6, 3)), np.zeros((4, 6), np.uint8), 7], ids=["float", "flat", "number"]
)
def test_what_is_no_image_is_refused_by_its_kind(image):
    (prediction,) = classify([image])
    assert "Expected a path, a PIL image or a uint8 array" in str(prediction.error)


def test_a_picture_that_cannot_be_read_is_an_image_error(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole.jpg")
    (tmp_path / "half.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:-2000])
    with Image.open(tmp_path / "half.jpg") as half:
        (prediction,) = classify([half])
    assert "could not be read" in str(prediction.error)


def test_probabilities_that_are_not_finite_are_an_error():
    model = SimpleNamespace(predict_on_batch=lambda pixels: np.full((len(pixels), 2), np.nan))
    (prediction,) = predict(model, [gray(1)], class_names=("a", "b"), image_size=(4, 6))
    assert "NaN" in str(prediction.error)


def test_fit_decides_what_happens_to_the_aspect_ratio():
    wide = np.zeros((4, 12, 3), np.uint8)
    wide[:, 3:9] = 255
    stretched, cropped = (
        classify(wide, resize=fit)[0].probabilities[1] for fit in ("stretch", "crop")
    )
    assert stretched == pytest.approx(0.5, abs=0.01)
    assert cropped == pytest.approx(1)


@pytest.mark.parametrize(
    ("number", "batches"), [(1, [1]), (2, [2]), (5, [8]), (64, [64]), (70, [64, 64])]
)
def test_few_images_are_a_small_batch(number, batches):
    model = Brightness()
    images = [np.zeros((4, 6, 3), np.uint8)] * number
    predictions = predict(model, images, class_names=("dark", "light"), image_size=(4, 6))
    assert len(predictions) == number
    assert [shape[0] for shape in model.shapes] == batches


def test_predictions_compare_and_hash_by_what_they_say(light):
    one, same, other = classify([light, light, gray(0)])
    assert one == same
    assert one != other
    assert len({one, same, other}) == 2
    assert one != "light"


def test_averaging_looks_at_the_mirror_image_too():
    image = np.zeros((4, 6, 3), np.uint8)
    image[:, :3] = 255

    class Left(Brightness):
        def predict_on_batch(self, pixels):
            return super().predict_on_batch(pixels[:, :, :3])

    options = {"class_names": ("dark", "light"), "image_size": (4, 6)}
    (plain,) = predict(Left(), image, **options)
    (averaged,) = predict(Left(), image, **options, tta=True)
    assert plain.probabilities == pytest.approx([0, 1])
    assert averaged.probabilities == pytest.approx([0.5, 0.5])
