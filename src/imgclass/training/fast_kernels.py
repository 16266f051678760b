"""What TensorFlow computes faster than by Keras's own operations, while a model trains."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from imgclass.training.normalization import fused_normalization
from imgclass.training.packed_convolutions import packed_convolutions


@contextmanager
def fast_kernels(model: keras.Model) -> Iterator[None]:
    """Let the layers of `model` use faster kernels; what they compute stays the same.

    Differences are of rounding. Afterwards the layers are as before.
    """
    with fused_normalization(model), packed_convolutions(model):
        yield
