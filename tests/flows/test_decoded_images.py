import os

import numpy as np
import pytest
from PIL import Image

from imgclass.errors import DatasetError
from imgclass.flows import decoded_images, memory
from imgclass.flows.decoded_images import ImagesOnDemand, decode_images


@pytest.fixture
def files(tmp_path):
    """150 images of one grey each, of various sizes."""
    paths = []
    for grey in range(150):
        path = tmp_path / f"{grey}.png"
        Image.new("RGB", (4 + grey % 3, 5), (grey, grey, grey)).save(path)
        paths.append(path)
    return paths


def test_images_come_in_the_order_of_their_files(files):
    images = decode_images(files, (5, 4), resize="stretch")
    assert images.shape == (150, 5, 4, 3)
    assert images.dtype == np.uint8
    assert (images[:, 2, 2, 1] == np.arange(150)).all()


def test_fit_decides_about_the_aspect_ratio(tmp_path):
    wide = tmp_path / "wide.png"
    Image.new("RGB", (8, 4), (200, 200, 200)).save(wide)
    assert decode_images([wide], (8, 8), resize="pad")[0, 0, 0, 0] == 0
    assert decode_images([wide], (8, 8), resize="stretch").min() == 200


def test_progress_ends_at_the_number_of_images(files):
    calls = []
    decode_images(files, (4, 4), resize="stretch", progress=lambda *call: calls.append(call))
    assert calls == sorted(calls)
    assert calls[-1] == (150, 150)


def test_all_unreadable_files_are_counted_and_twenty_named(files):
    broken = files[10:40]
    for path in broken:
        path.write_bytes(b"no image")
    with pytest.raises(DatasetError) as caught:
        decode_images(files, (4, 4), resize="stretch")
    message = str(caught.value)
    assert "30 are not" in message
    assert [str(path) in message for path in broken] == [True] * 20 + [False] * 10
    assert "10 more" in message


def test_a_file_that_is_gone_is_named(files):
    files[3].unlink()
    with pytest.raises(DatasetError, match=r"3\.png"):
        decode_images(files, (4, 4), resize="stretch")


def test_an_error_that_is_no_images_fault_is_not_hidden(files, monkeypatch):
    def broken_decoder(path):
        raise ZeroDivisionError(path)

    monkeypatch.setattr(decoded_images, "read_image", broken_decoder)
    with pytest.raises(ZeroDivisionError):
        decode_images(files, (4, 4), resize="stretch")


def test_images_that_memory_has_no_room_for_are_the_same_from_a_file(files, monkeypatch):
    held = decode_images(files, (4, 4), resize="stretch")
    monkeypatch.setattr(memory, "available_memory", lambda: 1)
    mapped = decode_images(files, (4, 4), resize="stretch")
    assert isinstance(mapped, np.memmap)
    assert (mapped == held).all()


def test_a_fifo_is_named_and_not_waited_for(files):
    files[3].unlink()
    os.mkfifo(files[3])
    with pytest.raises(DatasetError, match=r"3\.png.*FIFO"):
        decode_images(files, (4, 4), resize="stretch")


def test_images_on_demand_are_those_that_are_decoded_ahead(files):
    ahead = decode_images(files, (5, 4), resize="stretch")
    lazily = ImagesOnDemand(files, (5, 4), resize="stretch")
    assert (len(lazily), lazily.shape) == (150, ahead.shape)
    assert (lazily[10:30] == ahead[10:30]).all()
    assert (lazily[np.array([7, 3, 7])] == ahead[[7, 3, 7]]).all()


def test_an_image_on_demand_that_is_gone_is_named(files):
    lazily = ImagesOnDemand(files, (5, 4), resize="stretch")
    files[3].unlink()
    lazily[:3]
    with pytest.raises(DatasetError, match=r"3\.png"):
        lazily[2:5]
