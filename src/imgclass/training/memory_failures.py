"""Memory that was not enough: what each backend raises for it, as one error with advice."""

from collections.abc import Iterator
from contextlib import contextmanager

from imgclass.errors import MachineError

# TensorFlow's and PyTorch's; Python's and NumPy's is MemoryError.
NAMES = {"ResourceExhaustedError", "OutOfMemoryError"}
# JAX's, and PyTorch's on a processor, are known by their words alone.
WORDS = ("RESOURCE_EXHAUSTED", "can't allocate memory", "not enough memory")
# For TensorFlow a full disk is a resource that is exhausted, too.
FULL_DISK = "No space left on device"


@contextmanager
def explaining_memory(batch_size: int) -> Iterator[None]:
    """Raise a MachineError that says what to do in place of what a lack of memory came to.

    Args:
        batch_size: Images a step.

    Example:
        >>> with explaining_memory(64):
        ...     raise MemoryError
        Traceback (most recent call last):
        imgclass.errors.MachineError: ... (--batch-size 32), or smaller images (--image-size).
    """
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
    """Return whether an error of Python, NumPy, TensorFlow, JAX or PyTorch says that memory ended.

    Example:
        >>> is_lack_of_memory(MemoryError()), is_lack_of_memory(ValueError("1"))
        (True, False)
        >>> is_lack_of_memory(RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes"))
        True
    """
    if isinstance(error, MemoryError):
        return True
    text = str(error)
    if FULL_DISK in text:
        return False
    has_name = any(kind.__name__ in NAMES for kind in type(error).__mro__)
    return has_name or (isinstance(error, RuntimeError) and any(word in text for word in WORDS))
