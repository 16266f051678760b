import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.thorough

COMPUTED = ("gratings", "textures", "blobs", "dots", "turned digits")


@pytest.fixture
def drawn_images(benchmark):
    return benchmark("drawn_images")


def pixels_and_labels(drawn_images, drawn, folder):
    labels, images = drawn_images.write_set(drawn, folder)
    rows = [line.split(",") for line in labels.read_text().splitlines()[1:]]
    pixels = []
    for name, _ in rows:
        with Image.open(images / f"{name}.png") as image:
            pixels.append(np.asarray(image))
    return pixels, [label for _, label in rows]


@pytest.mark.parametrize("kind", COMPUTED)
def test_a_set_has_the_size_that_is_asked_for_and_comes_again_from_its_seed(
    drawn_images, tmp_path, kind
):
    drawn = drawn_images.DrawnSet(kind, seed=3, images=60, side=16, classes=4, noise=10)
    first, labels = pixels_and_labels(drawn_images, drawn, tmp_path / "a")
    again, same = pixels_and_labels(drawn_images, drawn, tmp_path / "b")
    assert labels == same
    assert len(set(labels)) == 4
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert {image.shape for image in first} == {(16, 16, 3)}


def test_labels_can_be_wrong_and_a_class_rare(drawn_images, tmp_path):
    drawn = drawn_images.DrawnSet("dots", seed=3, images=300, side=16, classes=3)
    _, right = pixels_and_labels(drawn_images, drawn, tmp_path / "a")
    _, wrong = pixels_and_labels(drawn_images, replace(drawn, wrong=0.2), tmp_path / "b")
    _, rare = pixels_and_labels(drawn_images, replace(drawn, rare=0.1), tmp_path / "c")
    assert 0.1 < np.mean([a != b for a, b in zip(right, wrong, strict=True)]) < 0.3
    counts = Counter(rare)
    assert counts["class2"] < 0.3 * counts["class1"]


def test_images_that_are_not_here_are_not_drawn(drawn_images, monkeypatch, photos):
    monkeypatch.delenv(drawn_images.CIFAR10, raising=False)
    monkeypatch.delenv(drawn_images.PHOTOS, raising=False)
    assert drawn_images.available_kinds() == COMPUTED
    monkeypatch.setenv(drawn_images.PHOTOS, str(photos))
    assert drawn_images.available_kinds() == (*COMPUTED, "photographs")


def test_photographs_are_taken_from_both_their_folders(drawn_images, monkeypatch, photos, tmp_path):
    monkeypatch.setenv(drawn_images.PHOTOS, str(photos))
    drawn = drawn_images.DrawnSet("photographs", seed=0, images=1000, side=16, classes=2)
    _, labels = pixels_and_labels(drawn_images, drawn, tmp_path / "set")
    assert Counter(labels) == {"dark": 32, "light": 32}


def test_a_random_set_can_be_drawn(drawn_images):
    drawn = drawn_images.random_set(random.Random(1), ("dots",))
    assert drawn == drawn_images.random_set(random.Random(1), ("dots",))
    assert drawn.images > 300
