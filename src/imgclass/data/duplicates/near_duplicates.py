"""Finding pictures that were saved again: outlines propose pairs, aligned pictures decide."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imgclass.data.duplicates.alignment import aligned_distances
from imgclass.data.duplicates.fingerprints import Fingerprint, outlines
from imgclass.data.duplicates.groups import Pair, loosened
from imgclass.data.duplicates.neighbours import close_pairs
from imgclass.data.duplicates.pairs import DuplicatePair, repeats

# Beyond half of the threshold, lookalikes of mirrored pictures are more frequent than duplicates.
MIRRORED = 0.5
CANDIDATE = 0.88  # least correlation of outlines
CHUNK = 2**15  # pairs at a time
FLATTEST = 4.0  # grey levels; pictures with less structure all look alike


def find_near_duplicates(
    fingerprints: Fingerprint, equal_files: Sequence[Pair], *, threshold: float
) -> tuple[list[DuplicatePair], int]:
    """Find near-duplicates by fingerprints `(n, 16, 16, 3)`, closest first; zeros stand for none.

    Of `equal_files` only the first is compared. The second result is how many pairs were set aside
    because they chained too many images together.
    """
    repeated = {b for _, b in equal_files}
    flat, strength = outlines(fingerprints)
    distinct = [i for i in range(len(flat)) if i not in repeated and strength[i] >= FLATTEST]
    same = repeats([fingerprints[i].tobytes() for i in distinct])
    same = [(distinct[a], distinct[b]) for a, b in same]
    repeated = {b for _, b in same}
    # Sorted by content, so that the order of images does not matter.
    rest = np.array(
        sorted((i for i in distinct if i not in repeated), key=lambda i: fingerprints[i].tobytes()),
        np.int64,
    )
    found = [DuplicatePair(a, b, 0.0) for a, b in same]
    found += _compared(fingerprints, rest, flat[rest], threshold)
    kept = loosened([(p.a, p.b, p.distance) for p in found], bonds=equal_files, threshold=threshold)
    pairs = sorted((found[i] for i in kept), key=lambda p: (p.distance, p.a, p.b))
    return pairs, len(found) - len(kept)


def _compared(
    fingerprints: Fingerprint,
    chosen: NDArray[np.int64],
    flat: NDArray[np.float32],
    threshold: float,
) -> list[DuplicatePair]:
    """Return the near-duplicates among the chosen images, whose outlines are `flat`."""
    n = len(chosen)
    mirrored, _ = outlines(fingerprints[chosen][:, :, ::-1])
    candidates = close_pairs(np.concatenate([flat, mirrored]), correlation=CANDIDATE)
    candidates = candidates[
        (candidates[:, 0] < n) & (candidates[:, 0] < candidates[:, 1] % max(n, 1))
    ]
    found: dict[Pair, DuplicatePair] = {}
    for start in range(0, len(candidates), CHUNK):
        pairs = candidates[start : start + CHUNK]
        some, others = fingerprints[chosen[pairs[:, 0]]], fingerprints[chosen[pairs[:, 1] % n]]
        turned = pairs[:, 1] >= n
        others[turned] = others[turned][:, :, ::-1]
        distances = aligned_distances(some, others)
        for at in np.flatnonzero(distances <= np.where(turned, MIRRORED, 1) * threshold):
            a, b = sorted(int(chosen[i % n]) for i in pairs[at])
            pair = DuplicatePair(a, b, float(distances[at]), is_mirrored=bool(turned[at]))
            if (a, b) not in found or pair.distance < found[a, b].distance:
                found[a, b] = pair
    return list(found.values())
