"""Keras started without the notes that TensorFlow writes, once its backend is known to be there."""

import os
import sys

from imgclass.errors import MachineError
from imgclass.training.backend import chosen_backend, find_backend_fault


def require_backend() -> None:
    """Refuse a backend that Keras cannot train with, before Keras is imported.

    It costs about a millisecond and imports neither Keras nor a backend. Where Keras runs already,
    there is nothing to refuse.

    Raises:
        MachineError: KERAS_BACKEND or `keras.json` names a backend that is not installed, or none
            that Keras trains with.
    """
    if "keras" in sys.modules:
        return
    fault, remedy = find_backend_fault(chosen_backend())
    if fault:
        raise MachineError(f"{fault} {remedy}")


def load_keras_quietly() -> None:
    """Import Keras with standard error closed to C++ for as long as that takes.

    TensorFlow writes to the file descriptor, and not all of its notes heed its own setting. An
    import that fails raises as ever.

    Raises:
        MachineError: As `require_backend`.
    """
    require_backend()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import keras

        # What is first computed makes it look for devices, and note what it finds.
        keras.ops.zeros(1)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
