"""How many images a model predicts at once, by the memory that its layers need."""

from typing import Any

# Of what a model's largest layer takes in and gives out. TensorFlow needs about twice as much:
# VGG16 used 5.0 GB for 64 images of 224 x 224, whose largest layer takes 1.6 GB.
BATCH_BYTES = 2**29
# The default network predicted 1,870 images/s of CIFAR-10 on two cores in batches of 64, and 1,350
# in batches of 256.
LARGEST_BATCH = 64
VALUE = 4  # bytes of a float32


def batch_size(model: Any, image_size: tuple[int, int]) -> int:
    """Return how many images a model predicts at once: a power of two, at most 64.

    It depends on the model and the size of its images only. So it is the same wherever the same
    model predicts, and with it the last digits of the probabilities.

    Args:
        model: A `keras.Model`.
        image_size: `(height, width)` in pixels that the model takes.

    Example:
        >>> batch_size(object(), (32, 32)), batch_size(object(), (4000, 4000))
        (64, 1)
    """
    height, width = image_size
    values = max([2 * 3 * height * width, *map(_values, getattr(model, "layers", ()))])
    fitting = max(1, BATCH_BYTES // (VALUE * values))
    return min(LARGEST_BATCH, 1 << (fitting.bit_length() - 1))


def _values(layer: Any) -> int:
    """Return how many numbers a layer takes in and gives out for one image."""
    try:
        return _size(layer.input) + _size(layer.output)
    except (AttributeError, ValueError):  # it was never called
        return 0


def _size(tensors: Any) -> int:
    """Return the numbers in a tensor, or in a collection of tensors, without the batch axis."""
    if isinstance(tensors, dict):
        tensors = tuple(tensors.values())
    if isinstance(tensors, list | tuple):
        return sum(map(_size, tensors))
    size = 1
    for side in tensors.shape[1:]:
        size *= side or 1
    return size
