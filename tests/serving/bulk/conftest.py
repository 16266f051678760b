from pathlib import Path

import numpy as np
import pytest

from imgclass.errors import ImageError
from imgclass.serving import Prediction

NAMES = ("cat", "dog")


@pytest.fixture
def predicted():
    """Make a prediction by hand: the probability of `dog`, or None for an unreadable image."""

    def make(path, dog):
        if dog is None:
            return Prediction(Path(path), NAMES, error=ImageError(f"{path} is damaged."))
        scores = np.array([1 - dog, dog], np.float32)
        return Prediction(Path(path), NAMES, scores)

    return make
