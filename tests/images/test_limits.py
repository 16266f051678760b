import pytest

from imgclass.errors import ImageError, UsageError
from imgclass.images.decoding import decode_image
from imgclass.images.limits import DEFAULT_LIMITS, MAX_PIXELS, read_pixels, usual_limits

TWO = b"P6 2 1 255 abcdef"


def test_without_a_choice_the_limits_are_the_usual_ones(monkeypatch):
    monkeypatch.delenv(MAX_PIXELS, raising=False)
    assert usual_limits() == DEFAULT_LIMITS


def test_i12_the_environment_sets_the_pixels_and_the_error_names_the_option(monkeypatch):
    monkeypatch.setenv(MAX_PIXELS, "1")
    with pytest.raises(ImageError, match="2 x 1 pixels are more than 1, the limit of --max-pixels"):
        decode_image(TWO, name="x")
    monkeypatch.setenv(MAX_PIXELS, "2")
    assert decode_image(TWO, name="x").shape == (1, 2, 3)


def test_i12_larger_images_may_be_larger_files(monkeypatch):
    monkeypatch.setenv(MAX_PIXELS, "200M")
    assert (usual_limits().pixels, usual_limits().file_bytes) == (200_000_000, 800_000_000)
    monkeypatch.setenv(MAX_PIXELS, "1M")
    assert usual_limits().file_bytes == DEFAULT_LIMITS.file_bytes


@pytest.mark.parametrize("text", ["many", "0", "-1", "1e6", "9" * 5000, "M", "²"])
def test_what_is_no_number_of_pixels_is_refused(text):
    with pytest.raises(UsageError, match="Expected a number of pixels"):
        read_pixels(text)
