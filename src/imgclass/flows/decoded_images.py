"""Image files decoded by threads into one array of bytes, all at once or when asked for."""

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from imgclass.data.faults import Faults
from imgclass.errors import DatasetError, ImageError
from imgclass.flows.memory import allocate_bytes
from imgclass.images import Resize
from imgclass.images.decoding import read_image
from imgclass.images.resizing import resize_image

Progress = Callable[[int, int], None]

# Images a task, at most: enough to hide a task's cost, few enough for a smooth progress bar.
CHUNK = 64


def decode_images(
    paths: Sequence[Path],
    image_size: tuple[int, int],
    *,
    resize: Resize,
    progress: Progress | None = None,
) -> npt.NDArray[np.uint8]:
    """Return the RGB pixels of all files in order, `(n, height, width, 3)` in 0-255.

    If they would take more than half of the free memory, they are in a temporary file that is
    deleted with the array. `progress(done, total)` is called meanwhile. A `DatasetError` names the
    first 20 files that cannot be decoded.
    """
    images = allocate_bytes((len(paths), *image_size, 3))
    workers = os.cpu_count() or 1
    chunk = max(1, min(CHUNK, math.ceil(len(paths) / workers)))
    faults = Faults()

    def decode(start: int) -> list[str]:
        found = []
        for index, path in enumerate(paths[start : start + chunk], start):
            try:
                images[index] = resize_image(read_image(path), image_size, resize=resize)
            except ImageError as error:
                found.append(str(error))
        return found

    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        starts = range(0, len(paths), chunk)
        for start, found in zip(starts, pool.map(decode, starts), strict=True):
            for fault in found:
                faults.add(fault)
            if progress:
                progress(min(start + chunk, len(paths)), len(paths))
    finally:
        pool.shutdown(cancel_futures=True)
    if faults:
        raise DatasetError(
            f"Expected {len(paths):,} readable images; {len(faults):,} are not:\n{faults}\n"
            "Replace these files, or remove them with their rows and organize again."
        )
    return images


class ImagesOnDemand:
    """An array `(n, height, width, 3)` of images that are decoded each time they are asked for.

    It takes the memory of one batch, and is as fast as an array if each image is used once.
    """

    def __init__(
        self, paths: Sequence[Path], image_size: tuple[int, int], *, resize: Resize
    ) -> None:
        self._paths, self._resize = tuple(paths), resize
        self.shape = (len(paths), *image_size, 3)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, rows: "slice | npt.NDArray[np.int64]") -> npt.NDArray[np.uint8]:
        """Decode some images; a `DatasetError` names those that cannot be decoded."""
        chosen = self._paths[rows] if isinstance(rows, slice) else [self._paths[i] for i in rows]
        return decode_images(chosen, self.shape[1:3], resize=self._resize)
