from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from imgclass.evaluation import MirrorImages, evaluate
from imgclass.evaluation.mirror_images import mirror_sample
from imgclass.flows.flow import Flows

NAMES = ("left", "right")


class Lamps:
    """A flow of images that are bright on the left or on the right, which is their class."""

    batch_size = 100

    def __init__(self, n):
        self.labels = np.repeat([0, 1], n // 2)
        self.paths = tuple(Path("data", f"{i}.png") for i in range(n))
        self.images = np.zeros((n, 4, 8, 3), np.float32)
        for image, label in zip(self.images, self.labels, strict=True):
            image[:, 4 * label : 4 * label + 4] = 255

    def __len__(self):
        return len(range(0, len(self.labels), self.batch_size))

    def __getitem__(self, index):
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.images[part], np.eye(2, dtype="float32")[self.labels[part]]


def brighter_side(images):
    """Give `left` or `right` all of the probability."""
    is_right = images[:, :, 4:].mean(axis=(1, 2, 3)) > images[:, :, :4].mean(axis=(1, 2, 3))
    return np.eye(2)[is_right.astype(int)]


def test_mirrored_images_of_sides_are_taken_for_the_other_side():
    found = mirror_sample(brighter_side, Lamps(40))
    assert found == MirrorImages(40, correct=40, mirrored=0)
    assert found.lost == 1.0


def test_of_many_images_some_of_every_class_are_looked_at():
    seen = []

    def predict(images):
        seen.append(brighter_side(images).argmax(axis=1))
        return brighter_side(images)

    found = mirror_sample(predict, Lamps(2_000))
    assert found.n == 500
    straight = np.concatenate(seen[::2])
    assert np.bincount(straight).tolist() == [250, 250]


def test_an_evaluation_looks_at_mirror_images_of_val():
    val = Lamps(40)
    flows = Flows(None, Lamps(10), val, None, NAMES, (4, 8), Path("data"))
    model = SimpleNamespace(predict_on_batch=brighter_side)
    assert evaluate(model, flows).mirror_images == MirrorImages(40, correct=40, mirrored=0)


def test_features_are_not_mirrored():
    class Features(Lamps):
        def __getitem__(self, index):
            return np.zeros((2, 7)), np.eye(2)

    assert mirror_sample(brighter_side, Features(2)) is None


@pytest.mark.parametrize("numbers", [(0, 0, 0), (5, 6, 0), (5, 0, 6), (5, -1, 0)])
def test_more_right_images_than_images_are_refused(numbers):
    with pytest.raises(ValueError, match="at most as many images"):
        MirrorImages(*numbers)
