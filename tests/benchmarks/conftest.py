from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch):
    """Import a script of `benchmarks/` as its neighbours do."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return import_module


@pytest.fixture
def photos(tmp_path):
    """Write two classes that differ in brightness, as `train/` and `val/`."""
    rng = np.random.default_rng(0)
    for split, number in (("train", 24), ("val", 8)):
        for label, low in (("dark", 0), ("light", 156)):
            place = tmp_path / "photos" / split / label
            place.mkdir(parents=True)
            for i in range(number):
                pixels = rng.integers(low, low + 100, (32, 32, 3)).astype(np.uint8)
                Image.fromarray(pixels).save(place / f"{i}.jpg")
    return tmp_path / "photos"
