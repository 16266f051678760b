"""Image files decoded by threads into one array of bytes."""

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

CHUNK = 64  # images a task: enough to hide a task's cost, few enough for a smooth progress bar


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
    faults = Faults()

    def decode(start: int) -> list[str]:
        found = []
        for index, path in enumerate(paths[start : start + CHUNK], start):
            try:
                images[index] = resize_image(read_image(path), image_size, resize=resize)
            except ImageError as error:
                found.append(str(error))
        return found

    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
    try:
        starts = range(0, len(paths), CHUNK)
        for start, found in zip(starts, pool.map(decode, starts), strict=True):
            for fault in found:
                faults.add(fault)
            if progress:
                progress(min(start + CHUNK, len(paths)), len(paths))
    finally:
        pool.shutdown(cancel_futures=True)
    if faults:
        raise DatasetError(
            f"Expected {len(paths):,} readable images; {len(faults):,} are not:\n{faults}\n"
            "Replace these files, or remove them with their rows and organize again."
        )
    return images
