import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgclass.data.manifest import Manifest, Sample
from imgclass.serving.classifier import Classifier

COLOURS = ("blue", "green", "red")
CHANNEL = {"red": 0, "green": 1, "blue": 2}
SIDE = 32


@pytest.fixture
def classifier(tmp_path):
    """A classifier whose file is never read."""
    return Classifier(tmp_path / "model.keras", COLOURS, (4, 6))


@pytest.fixture(scope="session")
def write_colours():
    """Write noisy images of three colours in two splits, and return their manifest."""

    def write(root: Path, *, each: int = 4) -> Manifest:
        random = np.random.default_rng(0)
        samples = []
        for split in ("train", "val"):
            for i in range(each * len(COLOURS)):
                label = COLOURS[i % len(COLOURS)]
                pixels = random.integers(0, 100, (SIDE, SIDE + 8, 3), np.uint8)
                pixels[..., CHANNEL[label]] += 100
                path = f"{split}/{label}/{i}.png"
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(root / path)
                digest = hashlib.sha256((root / path).read_bytes()).hexdigest()
                samples.append(Sample(path, label, split, digest, SIDE + 8, SIDE, path))
        return Manifest(COLOURS, tuple(samples))

    return write
