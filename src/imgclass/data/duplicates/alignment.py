"""The distance of two pictures after one was aligned with the other.

The tangent distance (P. Simard, Y. LeCun and J. Denker, Efficient pattern recognition using a new
transformation distance, NIPS 1992): one picture is moved by the small shift and zoom that bring it
closest to the other, to first order. What is left is measured by normalized correlation, which
ignores brightness and contrast.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgclass.data.duplicates.fingerprints import SIDE, Fingerprint

LEAST_GAIN = 1e-3  # of contrast; a movement is measured in units of it
REACH = 1.25  # cells by which a border may move: 8 % of the side, 2.5 pixels of 32
MUTED = 0.7  # share of the broad structure to subtract: any two seas under a sky agree in it
CHUNK = 2048  # pairs at a time, about 100 MB

Floats = NDArray[np.float32]


def _blur(kernel: tuple[float, float, float], times: int) -> Floats:
    """Return the matrix that blurs a row of cells, its borders repeated."""
    rows = np.pad(np.eye(SIDE), ((1, 1), (0, 0)), "edge")
    once = sum(weight * rows[i : i + SIDE] for i, weight in enumerate(kernel))
    return np.linalg.matrix_power(np.asarray(once), times).astype(np.float32)


_BINOMIAL = _blur((0.25, 0.5, 0.25), 1)
_WIDE = _blur((1 / 3, 1 / 3, 1 / 3), 4)


def aligned_distances(some: Fingerprint, others: Fingerprint) -> NDArray[np.float64]:
    """Return 1 - correlation of each picture with its counterpart, after the best small movement.

    Both are `(n, 16, 16, 3)`; the result is `(n,)` in 0-2, rounded to four decimals, which are the
    same on every machine.
    """
    found = np.empty(len(some), np.float64)
    for start in range(0, len(some), CHUNK):
        rows = slice(start, start + CHUNK)
        a, b = _details(some[rows]), _details(others[rows])
        found[rows] = np.maximum(_correlation(a, b), _correlation(b, a))
    distances: NDArray[np.float64] = np.maximum(1 - found, 0.0)
    return distances.round(4)


def _details(fingerprints: Fingerprint) -> Floats:
    """Blur over 3 x 3 cells, so that small movements are nearly linear; mute broad structure."""
    fine = _smoothed(fingerprints.astype(np.float32), _BINOMIAL)
    return fine - np.float32(MUTED) * _smoothed(fine, _WIDE)


def _smoothed(values: Floats, by: Floats) -> Floats:
    across = by @ values
    return (by @ across.reshape(len(values), SIDE, -1)).reshape(values.shape)


def _correlation(moved: Any, fixed: Any) -> Any:
    """Return the correlation after moving the first picture of each pair."""
    inner = slice(1, -1)
    down = (moved[:, 2:, inner] - moved[:, :-2, inner]) / 2
    right = (moved[:, inner, 2:] - moved[:, inner, :-2]) / 2
    # From -1 at one border to 1 at the other: a zoom moves them apart.
    place = (np.arange(1, SIDE - 1, dtype=np.float32) - (SIDE - 1) / 2) / ((SIDE - 1) / 2)
    zoom = down * place[:, None, None] + right * place[:, None]
    here = moved[:, inner, inner]
    parts = np.stack([_centred(part) for part in (here, down, right, zoom)], axis=1)
    target = _centred(fixed[:, inner, inner])
    gram = parts @ parts.transpose(0, 2, 1)
    # A picture without detail in some direction cannot show a movement: it is not moved.
    ridge = 1e-4 * np.trace(gram, axis1=1, axis2=2) / len(gram[0]) + 1e-3
    gram += np.eye(gram.shape[1], dtype=np.float32) * ridge[:, None, None]
    weights = np.linalg.solve(gram, parts @ target[..., None])[..., 0]
    gain = np.where(np.abs(weights[:, :1]) < LEAST_GAIN, LEAST_GAIN, weights[:, :1])
    steps = np.clip(weights[:, 1:] / gain, -REACH, REACH)
    aligned = parts[:, 0] + (steps[:, None] @ parts[:, 1:])[:, 0]
    length = np.sqrt((aligned**2).sum(1) * (target**2).sum(1))
    return (aligned * target).sum(1) / np.maximum(length, 1e-3)


def _centred(values: Any) -> Any:
    """Subtract the mean brightness, and flatten; hues stay."""
    flat = values.reshape(len(values), -1)
    return flat - flat.mean(1, keepdims=True)
