import time
from pathlib import Path

import pytest

from imgclass.serving.reading_ahead import read_ahead


def test_the_order_is_kept_however_long_each_image_takes():
    def read(image):
        time.sleep(0.001 * (int(str(image)) % 3))
        return str(image)

    images = [Path(str(i)) if i % 5 else i for i in range(50)]
    assert list(read_ahead(images, read, ahead=8)) == [str(i) for i in range(50)]


def test_no_more_images_are_read_ahead_than_allowed():
    asked = []

    def images():
        for i in range(100):
            asked.append(i)
            yield Path(str(i))

    reading = read_ahead(images(), str, ahead=3)
    assert next(reading) == "0"
    assert asked == [0, 1, 2, 3]
    reading.close()


def test_an_error_in_a_thread_is_raised_here():
    def read(image):
        raise MemoryError(str(image))

    with pytest.raises(MemoryError):
        list(read_ahead([Path("1")], read, ahead=2))
