import numpy as np
import pytest

from imgclass.errors import DatasetError, MachineError
from imgclass.training.memory_failures import explaining_memory, is_lack_of_memory


class ResourceExhaustedError(Exception):
    """Has the name of TensorFlow's error."""


class OutOfMemoryError(RuntimeError):
    """Has the name of PyTorch's error."""


class XlaRuntimeError(RuntimeError):
    """Has the name of JAX's error."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ResourceExhaustedError("OOM when allocating tensor with shape[64,64]"),
        OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        XlaRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 2147483648 bytes."),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
    ],
)
def test_a_lack_of_memory_gives_advice_with_every_backend(error):
    with (
        pytest.raises(MachineError, match=r"--batch-size 32.*--image-size") as raised,
        explaining_memory(64),
    ):
        raise error
    assert raised.value.__cause__ is error


def test_numpys_own_error_is_a_lack_of_memory():
    with pytest.raises(MachineError), explaining_memory(64):
        np.empty(2**60, np.uint8)


def test_a_batch_of_one_image_cannot_be_halved():
    with pytest.raises(MachineError) as raised, explaining_memory(1):
        raise MemoryError
    assert "--batch-size" not in str(raised.value)
    assert "--image-size" in str(raised.value)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("RESOURCE_EXHAUSTED"),
        RuntimeError("NaN"),
        ResourceExhaustedError("events.v2; No space left on device"),
    ],
)
def test_other_errors_are_no_lack_of_memory(error):
    assert not is_lack_of_memory(error)


def test_an_error_of_another_kind_is_not_changed():
    with pytest.raises(DatasetError, match=r"1\.png"), explaining_memory(64):
        raise DatasetError("1.png is damaged")
