"""Compute the features of a flow's images with a frozen network."""

from collections.abc import Callable, Iterator
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
# Pixels and images that pass through the frozen layers at once. A batch of few small images spends
# more time on reading the weights than on the images.
PASS_PIXELS, PASS_IMAGES = 2**19, 256


class UnsuitedError(Exception):
    """An epoch has an image twice, or one with a mixed label: features by image cannot stand in."""


def compute_features(prefix: keras.Model, flow: Flow, *, done: Progress) -> npt.NDArray[Any]:
    """Return what `prefix` computes of a flow's images, `(n, ...)` in the order of `flow.paths`.

    Feature maps are float16, vectors float32; of maps too large for half of the free memory the
    array is a temporary file. If a value is too large for float16, all are kept as float32.

    Args:
        prefix: From images to features.
        flow: In the epoch whose images are wanted.
        done: Called with the number of images of each pass.

    Raises:
        UnsuitedError: The epoch is not made of each image once, with its own label.
    """
    dtype = VECTORS_DTYPE if len(prefix.output_shape) == RANK_OF_VECTORS else MAPS_DTYPE
    array = _allocate((len(flow.paths), *prefix.output_shape[1:]), dtype)
    batches = _batches_a_pass(prefix, flow.batch_size)
    with raising_failures(flow), np.errstate(over="ignore"):
        for images, rows in _passes(flow, batches):
            features = _predicted(prefix, images, batches * flow.batch_size)
            array[rows] = features
            if array.dtype == MAPS_DTYPE and not np.isfinite(array[rows]).all():
                array = _widened(array)
                array[rows] = features
            done(len(rows))
    return array


def _passes(flow: Flow, batches: int) -> Iterator[tuple[npt.NDArray[Any], list[int]]]:
    """Yield the images of so many batches at a time, and their places in `flow.paths`."""
    place = {path: i for i, path in enumerate(flow.paths)}
    missing = set(range(len(flow.paths)))
    for start in range(0, len(flow), batches):
        images, rows = [], []
        for index in range(start, min(start + batches, len(flow))):
            batch, targets = flow[index]
            found = [place[path] for path in flow.batch_paths(index)]
            is_plain = np.array_equal(
                targets.sum(axis=1), targets[range(len(found)), flow.labels[found]]
            )
            if not (missing.issuperset(found) and is_plain):
                raise UnsuitedError
            missing.difference_update(found)
            images.append(batch)
            rows += found
        yield np.concatenate(images), rows
    if missing:
        raise UnsuitedError


def _batches_a_pass(prefix: keras.Model, batch_size: int) -> int:
    """Return how many batches pass through the frozen layers at once."""
    height, width = prefix.input_shape[1:3]
    if height is None or width is None:
        return 1
    images: int = min(PASS_PIXELS // (height * width), PASS_IMAGES)
    return max(1, images // batch_size)


def _predicted(prefix: keras.Model, images: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """Return some images' features; TensorFlow compiles once for passes that are all full."""
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
