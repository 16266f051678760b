"""Heat maps: which parts of an image spoke for one class against another.

Parts of the last feature maps are hidden one after the other, and the rest of the network says how
much less it then prefers the class. Where only pooling and one dense layer follow, hiding a place
takes away just what class activation mapping (Zhou et al., 2016) and Grad-CAM (Selvaraju et al.,
2017) attribute to it. No gradient is needed, so that every backend of Keras can do it, and the
network's convolutions are computed once for each image.
"""

import time
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]

FINE = 4  # cells of a side; coarser feature maps are looked at only where there are no finer ones
COARSE = 2
MOST_CELLS = 14  # of a side
BATCH = 8  # images
HIDDEN_BYTES = 2**26  # of feature maps with hidden parts, at once
LEAST = np.finfo(np.float32).tiny
ROUNDING = 1e-4  # of the logarithm of odds in float32; smaller differences are chance


class Halves(NamedTuple):
    """A model in two: from images to feature maps, and from these to probabilities."""

    features: Any
    rest: Any


def halves_of(model: Any) -> Halves | None:
    """Divide a `keras.Model` at its last feature maps; None if it has none of at least 2 x 2.

    The two share the model's layers. Maps of at least 4 x 4 are preferred.
    """
    import keras

    for least in (FINE, COARSE):
        for layer in reversed(model.layers):
            if _side(layer) < least:
                continue
            try:
                rest = keras.Model(layer.output, model.outputs[0])
            except (AttributeError, KeyError, ValueError):  # a branch goes round this layer
                continue
            return Halves(keras.Model(model.input, layer.output), rest)
    return None


def evidence_maps(
    model: Any,
    images: npt.NDArray[np.uint8],
    classes: Sequence[int],
    against: Sequence[int],
    *,
    seconds: float,
) -> Iterator[Floats | None]:
    """Yield a map for each image: which parts spoke for its class, against the other one.

    Args:
        model: A `keras.Model` from raw RGB to probabilities.
        images: `(n, height, width, 3)`.
        classes: For each image the index of a class, usually the predicted one.
        against: Likewise of another class, usually the label.
        seconds: After this time no further map is yielded.

    Yields:
        Values in 0-1 of shape `(rows, columns)`, the largest being 1; None if nothing spoke for it.
    """
    ends, halves = time.monotonic() + seconds, halves_of(model)
    if halves is None:
        return
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        features = _computed(halves.features, images[part].astype(np.float32))
        for maps, one, other in zip(features, classes[part], against[part], strict=True):
            if time.monotonic() > ends:
                return
            yield _evidence_map(halves.rest, maps, one, other)


def cells(height: int, width: int) -> Floats:
    """Return masks that hide one cell each, 0 there and 1 elsewhere.

    Args:
        height: Of the feature maps.
        width: Likewise.

    Returns:
        `(rows, columns, height, width)`, with at most 14 rows and columns.

    Example:
        >>> cells(1, 2)[0, 1]
        array([[1., 0.]], dtype=float32)
    """
    tall, wide = (ceil(side / MOST_CELLS) for side in (height, width))
    row, column = np.arange(height) // tall, np.arange(width) // wide
    down = row[None, :] == np.arange(row[-1] + 1)[:, None]
    across = column[None, :] == np.arange(column[-1] + 1)[:, None]
    hidden = down[:, None, :, None] & across[None, :, None, :]
    masks: Floats = 1 - hidden.astype(np.float32)
    return masks


def _evidence_map(rest: Any, maps: Floats, one: int, other: int) -> Floats | None:
    masks = cells(*maps.shape[:2])
    flat = masks.reshape(-1, *maps.shape[:2], 1)
    many = max(1, HIDDEN_BYTES // maps.nbytes)
    before = _preference(_computed(rest, maps[None]), one, other)
    after = [
        _preference(_computed(rest, maps * flat[i : i + many]), one, other)
        for i in range(0, len(flat), many)
    ]
    spoken = np.maximum(before - np.concatenate(after), 0).reshape(masks.shape[:2])
    strongest = float(spoken.max())
    return spoken / strongest if np.isfinite(strongest) and strongest > ROUNDING else None


def _preference(probabilities: Floats, one: int, other: int) -> Floats:
    """Return how much one class is preferred to another, `(n,)`: the logarithm of the odds.

    Unlike the probability itself, it does not level off where the network is sure.
    """
    logarithms = np.log(np.maximum(probabilities.astype(np.float64), LEAST))
    difference: Floats = logarithms[:, one] - logarithms[:, other]
    return difference


def _computed(part: Any, batch: Floats) -> Floats:
    """Return a model's outputs; called once or twice, it is not worth compiling."""
    import keras

    return np.asarray(keras.ops.convert_to_numpy(part(batch, training=False)))


def _side(layer: Any) -> int:
    """Return the shorter side of a layer's feature maps; 0 if it has no such output."""
    try:
        shape = tuple(layer.output.shape)
    except (AttributeError, ValueError):  # it has no output, several, or is used twice
        return 0
    is_known = len(shape) == 4 and None not in shape[1:]  # noqa: PLR2004 - batch, rows, columns, channels
    return min(shape[1:3]) if is_known else 0
