from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from imgclass.evaluation import ConstantImages, evaluate
from imgclass.evaluation.constant_images import are_plain, look_at_sample
from imgclass.flows.flow import Flows

NAMES = ("cat", "dog")


def noise(n, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 256, (n, 8, 8, 3)).astype(dtype)


class Pictures:
    """A flow of given images."""

    def __init__(self, images, labels, batch_size=2):
        self.paths = tuple(Path("data", f"{i}.png") for i in range(len(labels)))
        self.images, self.labels, self.batch_size = images, np.array(labels), batch_size

    def __len__(self):
        return len(range(0, len(self.labels), self.batch_size))

    def __getitem__(self, index):
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.images[part], np.eye(2, dtype="float32")[self.labels[part]]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_an_image_of_one_colour_is_plain_and_so_is_one_with_traces_of_compression(dtype):
    images = noise(4, dtype)
    images[1] = (200, 20, 90)
    images[2] = 100
    images[2, :, ::2] = 105
    assert are_plain(images).tolist() == [False, True, True, False]


def test_an_image_that_is_plain_but_for_a_few_pixels_is_not():
    images = np.zeros((1, 8, 8, 3), np.uint8)
    images[0, 3, 3] = 255
    assert not are_plain(images).any()


def test_features_are_no_images():
    assert not are_plain(np.zeros((3, 7))).any()


def test_plain_images_are_counted_by_class_as_the_splits_are_scored():
    images = noise(5)
    images[1] = images[4] = 0
    train, val = Pictures(images, [0, 0, 1, 1, 1]), Pictures(noise(2), [0, 1])
    model = SimpleNamespace(predict_on_batch=lambda batch: np.full((len(batch), 2), 0.5))
    flows = Flows(None, train, val, None, NAMES, (8, 8), Path("data"))
    assert evaluate(model, flows).constant == {
        "train": ConstantImages(5, {"cat": (1, 2), "dog": (1, 3)}),
        "val": ConstantImages(2, {}),
    }


def test_where_features_stand_in_for_images_a_sample_of_the_images_is_looked_at(monkeypatch):
    images = noise(600)
    images[::2] = 0
    flow = Pictures(images, [0, 1] * 300)
    features = Pictures(np.zeros((600, 5)), [0, 1] * 300)
    monkeypatch.setattr(
        "imgclass.evaluation.passes._without_frozen_layers",
        lambda *_: (lambda batch: np.full((len(batch), 2), 0.5), {"train": features, "val": flow}),
    )
    flows = Flows(None, flow, flow, None, NAMES, (8, 8), Path("data"))
    found = evaluate(None, flows).constant
    assert found["train"] == ConstantImages(256, {"cat": (128, 128)})
    assert found["val"] == ConstantImages(600, {"cat": (300, 300)})


def test_a_sample_comes_from_all_over_a_flow():
    images = noise(600)
    images[:50] = images[-50:] = 0
    found = look_at_sample(Pictures(images, [0] * 300 + [1] * 300), NAMES)
    assert found.n == 256
    assert found.count == pytest.approx(256 / 6, rel=0.1)


def test_counts_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="at most as many"):
        ConstantImages(3, {"cat": (2, 4)})
