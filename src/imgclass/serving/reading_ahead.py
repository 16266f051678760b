"""Images read by threads, while the model predicts the ones before them."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def read_ahead(images: Iterable[Any], read: Callable[[Any], T], *, ahead: int) -> Iterator[T]:
    """Yield `read(image)` for each image, in order; files are read by threads.

    Args:
        images: Paths of files; whatever else is among them is read when its turn comes.
        read: Returns what is wanted of one image.
        ahead: The most images that are read before they are asked for.

    Example:
        >>> list(read_ahead([Path("cat.jpg"), 7, Path("dog.jpg")], str, ahead=2))
        ['cat.jpg', '7', 'dog.jpg']
    """
    waiting: deque[Future[T] | Any] = deque()

    def first() -> T:
        image = waiting.popleft()
        return image.result() if isinstance(image, Future) else read(image)

    pool = ThreadPoolExecutor(os.cpu_count() or 1)
    try:
        for image in images:
            waiting.append(pool.submit(read, image) if isinstance(image, Path) else image)
            if len(waiting) > ahead:
                yield first()
        while waiting:
            yield first()
    finally:
        pool.shutdown(cancel_futures=True)
