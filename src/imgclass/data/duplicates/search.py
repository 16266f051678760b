"""Finding images that are one picture: equal files, and pictures that were saved again.

A near-duplicate survives re-encoding, brightness, contrast, a shift of one or two pixels of 32 and
a mild crop, also when mirrored.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imgclass.data.duplicates.groups import components
from imgclass.data.duplicates.pairs import DuplicatePair, Duplicates, repeats

if TYPE_CHECKING:
    from imgclass.data.duplicates.fingerprints import Fingerprint

# Of the 1,546 pairs within it among the 50,000 training images of CIFAR-10 all but five have one
# label (docs/audit.md); well beyond it, seas and skies begin to pair.
THRESHOLD = 0.055


def find_duplicates(
    fingerprints: "Fingerprint | None",
    *,
    hashes: Sequence[str] = (),
    threshold: float = THRESHOLD,
) -> Duplicates:
    """Find equal files and near-duplicates.

    Pictures of almost one colour are compared by their bytes only, since each resembles every
    other. The time grows a little faster than the number of images; the memory, besides the
    fingerprints, is about 1,500 bytes an image.

    Args:
        fingerprints: `fingerprint` of each image, `(n, 16, 16, 3)`; zeros for an image without
            one. None to look for equal files only.
        hashes: Of each image's bytes; an empty one if unknown.
        threshold: The largest distance of a near-duplicate, in 0-2; half of it if mirrored.

    Example:
        >>> import numpy as np
        >>> pictures = np.random.default_rng(0).integers(0, 200, (3, 16, 16, 3)).astype(np.uint8)
        >>> brighter = pictures[:1] + np.uint8(40)
        >>> find_duplicates(np.concatenate([pictures, brighter])).groups
        ((0, 3),)
    """
    equal = repeats(hashes)
    pairs = [DuplicatePair(a, b, 0.0, is_exact=True) for a, b in equal]
    set_aside = 0
    if fingerprints is not None:
        from imgclass.data.duplicates.near_duplicates import find_near_duplicates  # NumPy

        near, set_aside = find_near_duplicates(fingerprints, equal, threshold=threshold)
        pairs += near
    return Duplicates(tuple(pairs), components((p.a, p.b) for p in pairs), set_aside)
