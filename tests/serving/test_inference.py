from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from imgclass.errors import ImageError
from imgclass.serving.inference import predict_each


def gray(value, size=(6, 4)):
    return Image.new("RGB", size, (value,) * 3)


@pytest.mark.parametrize(
    ("number", "batches"), [(1, [1]), (2, [2]), (5, [8]), (64, [64]), (70, [64, 64])]
)
def test_batches_have_few_shapes_so_that_keras_compiles_seldom(classify, model, number, batches):
    assert len(classify(np.zeros((number, 4, 6, 3), np.uint8))) == number
    assert [shape[0] for shape in model.shapes] == batches


def test_the_order_is_that_of_the_images(classify):
    values = range(0, 250, 2)  # more than one batch
    predictions = classify(gray(value) for value in values)
    assert [p.probabilities[1] for p in predictions] == pytest.approx([v / 255 for v in values])


def test_large_images_are_predicted_a_few_at_once(classify, model, monkeypatch):
    monkeypatch.setattr("imgclass.serving.batches.BATCH_BYTES", 3 * 4 * 2 * 3 * 4 * 6)
    classify([gray(1)] * 3)
    assert model.shapes == [(2, 4, 6, 3), (2, 4, 6, 3)]


def test_a_second_call_for_the_same_images_has_the_batches_of_one_call(model, monkeypatch):
    monkeypatch.setattr("imgclass.serving.batches.BATCH_BYTES", 4 * 4 * 2 * 3 * 4 * 6)
    options = {"class_names": ("dark", "light"), "image_size": (4, 6)}
    images = list(np.arange(10 * 4 * 6 * 3, dtype=np.uint8).reshape(10, 4, 6, 3))
    whole = list(predict_each(model, images, **options))
    first = list(predict_each(model, images[:4], **options))
    rest = list(predict_each(model, images[4:], after=4, **options))
    assert first + rest == whole
    assert [shape[0] for shape in model.shapes] == [4, 4, 4, 4, 4, 4]


def test_predictions_come_while_later_images_are_not_yet_asked_for(model):
    def images():
        for _ in range(3 * 64):
            yield np.zeros((4, 6, 3), np.uint8)
        pytest.fail("all images were read before the first prediction")

    options = {"class_names": ("dark", "light"), "image_size": (4, 6)}
    assert next(predict_each(model, images(), **options)).top1 == "dark"


def test_one_image_that_cannot_be_read_is_no_error_where_predictions_are_asked_for_one_by_one(
    model, tmp_path
):
    options = {"class_names": ("dark", "light"), "image_size": (4, 6)}
    [prediction] = predict_each(model, [tmp_path / "gone.jpg"], **options)
    assert "gone.jpg" in str(prediction.error)


def test_probabilities_that_are_not_finite_are_an_error(classify):
    model = SimpleNamespace(predict_on_batch=lambda pixels: np.full((len(pixels), 2), np.nan))
    [prediction] = classify([gray(1)], model=model)
    assert "NaN" in str(prediction.error)
    with pytest.raises(ImageError, match="NaN"):
        classify(gray(1), model=model)


def test_resize_decides_what_happens_to_the_aspect_ratio(classify):
    wide = np.zeros((4, 12, 3), np.uint8)
    wide[:, 3:9] = 255
    stretched, cropped = (
        classify(wide, resize=resize)[0].probabilities[1] for resize in ("stretch", "crop")
    )
    assert stretched == pytest.approx(0.5, abs=0.01)
    assert cropped == pytest.approx(1)


def test_averaging_looks_at_the_mirror_image_too(classify, model):
    image = np.zeros((4, 6, 3), np.uint8)
    image[:, :3] = 255
    left = SimpleNamespace(predict_on_batch=lambda pixels: model.predict_on_batch(pixels[:, :, :3]))
    [plain] = classify(image, model=left)
    [averaged] = classify(image, model=left, tta=True)
    assert plain.probabilities == pytest.approx([0, 1])
    assert averaged.probabilities == pytest.approx([0.5, 0.5])
