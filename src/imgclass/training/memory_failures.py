"""Lack of memory: each backend's own error for it, turned into one error with advice."""

from collections.abc import Iterator
from contextlib import contextmanager

from imgclass.errors import MachineError

# Errors of TensorFlow and PyTorch; Python and NumPy raise MemoryError.
NAMES = {"ResourceExhaustedError", "OutOfMemoryError"}
# JAX, and PyTorch on a processor, raise a RuntimeError with these words.
WORDS = ("RESOURCE_EXHAUSTED", "can't allocate memory", "not enough memory")
# TensorFlow calls a full disk an exhausted resource, too.
FULL_DISK = "No space left on device"


@contextmanager
def explaining_memory(batch_size: int) -> Iterator[None]:
    """Replace an error that says that memory ran out by a MachineError that says what to do."""
    try:
        yield
    except Exception as error:
        if not is_lack_of_memory(error):
            raise
        smaller = "train with smaller images (--image-size)"
        advice = {}
        if batch_size > 1:
            half = batch_size // 2
            advice = {"batch_size": half}
            smaller = f"train with half the batch (--batch-size {half}), or smaller images"
            smaller += " (--image-size)"
        lack = MachineError(
            f"Expected enough memory for a training step of {batch_size} images; the machine has "
            f"too little. Close other programs that use it, {smaller}."
        )
        lack.advice = advice
        raise lack from error


def is_lack_of_memory(error: BaseException) -> bool:
    """Return whether an error of Python, NumPy or a backend means lack of memory."""
    if isinstance(error, MemoryError):
        return True
    text = str(error)
    if FULL_DISK in text:
        return False
    has_name = any(kind.__name__ in NAMES for kind in type(error).__mro__)
    return has_name or (isinstance(error, RuntimeError) and any(word in text for word in WORDS))
