import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def picture():
    """A function from a number to a picture of its own, 32 x 32, with soft shapes and detail."""

    def make(seed):
        rng = np.random.default_rng(seed)
        layers = (
            np.asarray(
                Image.fromarray(rng.integers(0, 256, (n, n, 3)).astype(np.uint8)).resize(
                    (32, 32), Image.Resampling.BICUBIC
                ),
                float,
            )
            / weight
            for n, weight in ((3, 2), (8, 4), (32, 4))
        )
        return Image.fromarray(np.clip(sum(layers), 0, 255).astype(np.uint8))

    return make


@pytest.fixture
def tree(tmp_path, picture):
    """A clean data set of 60 images: two classes, 24 training and 6 validation images each."""
    root = tmp_path / "data"
    for number in range(60):
        split = "val" if number % 5 == 0 else "train"
        folder = root / split / ("cat", "dog")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        picture(number).save(folder / f"{number}.png")
    return root
