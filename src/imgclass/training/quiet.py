"""Keras started without the notes that TensorFlow writes as it starts."""

import os
import sys


def load_keras_quietly() -> None:
    """Import Keras with standard error closed to C++ for as long as that takes.

    TensorFlow writes to the file descriptor, and not all of its notes heed its own setting. An
    import that fails raises as ever.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import keras

        keras.ops.zeros(
            1
        )  # what is first computed makes it look for devices, and note what it finds
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
