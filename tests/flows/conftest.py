from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.manifest import SPLITS, Manifest, Sample


@pytest.fixture
def make_folder(tmp_path) -> Callable[..., ImageFolder]:
    """Make `{train,val,test}/<class>/` with so many images of each class in each split."""

    def make(
        *,
        classes: tuple[str, ...] = ("cat", "dog"),
        counts: tuple[int, int, int] = (4, 2, 2),
        size: tuple[int, int] = (8, 6),
        directories: dict[str, str] | None = None,
    ) -> ImageFolder:
        rng = np.random.default_rng(0)
        samples = []
        for split, count in zip(SPLITS, counts, strict=True):
            for number in range(count):
                for label in classes:
                    directory = (directories or {}).get(label, label)
                    path = f"{split}/{directory}/{number}.png"
                    file = tmp_path / "data" / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(file)
                    height, width = size
                    samples.append(Sample(path, label, split, "0" * 64, width, height, path))
        return ImageFolder(tmp_path / "data", Manifest(classes, tuple(samples)))

    return make


@pytest.fixture
def folder(make_folder) -> ImageFolder:
    """Two classes, 8 images to learn from, 4 and 4 to measure on."""
    return make_folder()


@pytest.fixture(scope="session")
def epoch_bytes() -> Callable[..., list[bytes]]:
    """Read the current epoch of a flow: the images and labels of each batch."""

    def read(flow) -> list[bytes]:
        return [b"".join(part.tobytes() for part in flow[index]) for index in range(len(flow))]

    return read
