from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from imgclass.errors import ImageError


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
    monkeypatch.setattr("imgclass.serving.inference.BATCH_PIXELS", 3 * 4 * 6)
    classify([gray(1)] * 3)
    assert model.shapes == [(2, 4, 6, 3), (2, 4, 6, 3)]


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
