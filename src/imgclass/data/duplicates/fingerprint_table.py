"""The fingerprints of many images in one array, as they come from worker processes."""

from base64 import b64decode

import numpy as np

from imgclass.data.duplicates.fingerprints import SHAPE, Fingerprint


class Prints:
    """Fingerprints: 768 bytes each, zeros where there is none.

    Attributes:
        array: `(n, 16, 16, 3)`.

    Example:
        >>> prints = Prints(2)
        >>> prints.keep(1, "/w" * 512)
        >>> prints.array.shape, int(prints.array[0].max()), prints.array[1].any()
        ((2, 16, 16, 3), 0, np.True_)
    """

    def __init__(self, count: int) -> None:
        self.array: Fingerprint = np.zeros((count, *SHAPE), np.uint8)

    def keep(self, index: int, encoded: str) -> None:
        """Lay down one fingerprint, in Base64; an empty one is none."""
        if encoded:
            self.array[index] = np.frombuffer(b64decode(encoded), np.uint8).reshape(SHAPE)
