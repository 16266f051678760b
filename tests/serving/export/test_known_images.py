from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from imgclass.serving.export import noise_images, read_known_images


@pytest.fixture
def read(write_colours, tmp_path):
    """Read the val images of a data set that lies in `tmp_path / "data"`."""
    manifest = write_colours(tmp_path / "data")

    def images(*, most=100, known=manifest):
        return read_known_images(
            known, tmp_path / "data", "val", image_size=(8, 6), resize="crop", most=most
        )

    images.manifest = manifest
    return images


def test_images_come_from_all_over_the_split_in_the_size_of_the_model(read):
    images = read(most=5)
    assert (images.pixels.shape, images.pixels.dtype) == ((5, 8, 6, 3), np.uint8)
    assert set(images.labels.tolist()) == {0, 1, 2}
    assert np.array_equal(images.pixels, read(most=5).pixels)
    assert len(read()) == 12


def test_an_image_that_was_changed_or_is_gone_is_passed_over(read, tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "data/val/blue/0.png")
    (tmp_path / "data/val/green/1.png").unlink()
    images = read()
    assert len(images) == 10
    assert images.labels.tolist()[:2] == [2, 0]


def test_no_file_outside_the_data_set_is_read(read, tmp_path):
    first, *others = read.manifest.of("val")
    (tmp_path / "0.png").write_bytes((tmp_path / "data" / first.path).read_bytes())
    outside = replace(first, path="../0.png")
    assert len(read(known=replace(read.manifest, samples=(outside, *others)))) == 11


def test_of_a_data_set_that_is_gone_there_are_no_images(read, tmp_path):
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    assert len(read()) == 0


def test_noise_is_the_same_each_time_and_has_no_classes():
    images = noise_images((16, 24), 8)
    assert (images.pixels.shape, images.labels) == ((8, 16, 24, 3), None)
    assert np.array_equal(images.pixels, noise_images((16, 24), 8).pixels)
