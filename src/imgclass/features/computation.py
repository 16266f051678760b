"""Compute the features of a flow's images with a frozen network."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from imgclass.flows.failures import raising_failures
from imgclass.flows.flow import Flow
from imgclass.flows.memory import allocate_bytes

Progress = Callable[[int], None]  # is told how many more images are done

# A float16 has 11 bits: eight times the precision of the bfloat16 in which networks are trained.
MAPS_DTYPE, VECTORS_DTYPE = np.float16, np.float32
RANK_OF_VECTORS = 2


class UnsuitedError(Exception):
    """An epoch has an image twice, or one with a mixed label: features by image cannot stand in."""


def compute_features(prefix: keras.Model, flow: Flow, *, done: Progress) -> npt.NDArray[Any]:
    """Return what `prefix` computes of a flow's images, `(n, ...)` in the order of `flow.paths`.

    Feature maps are float16, vectors float32; of maps too large for half of the free memory the
    array is a temporary file. If a value is too large for float16, all are kept as float32.

    Args:
        prefix: From images to features.
        flow: In the epoch whose images are wanted.
        done: Called with the number of images of each batch.

    Raises:
        UnsuitedError: The epoch is not made of each image once, with its own label.
    """
    dtype = VECTORS_DTYPE if len(prefix.output_shape) == RANK_OF_VECTORS else MAPS_DTYPE
    array = _allocate((len(flow.paths), *prefix.output_shape[1:]), dtype)
    row = {path: i for i, path in enumerate(flow.paths)}
    missing = set(range(len(flow.paths)))
    with raising_failures(flow), np.errstate(over="ignore"):
        for index in range(len(flow)):
            images, targets = flow[index]
            rows = [row[path] for path in flow.batch_paths(index)]
            is_plain = np.array_equal(
                targets.sum(axis=1), targets[range(len(rows)), flow.labels[rows]]
            )
            if not (missing.issuperset(rows) and is_plain):
                raise UnsuitedError
            missing.difference_update(rows)
            features = _predicted(prefix, images, flow.batch_size)
            array[rows] = features
            if array.dtype == MAPS_DTYPE and not np.isfinite(array[rows]).all():
                array = _widened(array)
                array[rows] = features
            done(len(rows))
    if missing:
        raise UnsuitedError
    return array


def _predicted(prefix: keras.Model, images: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """Return a batch's features; TensorFlow compiles once for batches that are all full."""
    missing = max(0, size - len(images))
    full = np.pad(images, ((0, missing), (0, 0), (0, 0), (0, 0))) if missing else images
    return np.asarray(prefix.predict_on_batch(full))[: len(images)]


def _widened(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    wide = _allocate(array.shape, np.float32)
    wide[...] = array
    return wide


def _allocate(shape: tuple[int, ...], dtype: Any) -> npt.NDArray[Any]:
    count, *each = shape
    size = int(np.prod(each)) * np.dtype(dtype).itemsize
    array: npt.NDArray[Any] = allocate_bytes((count, size)).view(dtype).reshape(shape)
    return array
