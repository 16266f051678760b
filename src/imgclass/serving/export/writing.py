"""Write a Keras model in another format, with what Keras itself has for that."""

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.errors import RunError
from imgclass.formatting import cut
from imgclass.serving.export.equal_layers import with_convertible_layers
from imgclass.serving.export.formats import TARGETS, Format, Precision
from imgclass.serving.export.onnx_operators import add_operators

QUOTED = 600  # characters of what a converter says
SIDE = 32  # pixels, for models that take any image size


def write_model(
    model: Any,
    folder: Path,
    *,
    to: Format,
    precision: Precision = "float32",
    calibration: npt.NDArray[np.uint8] | None = None,
) -> Path:
    """Write a model into a folder in a format, and return its path.

    Args:
        model: A `keras.Model`, with TensorFlow as Keras's backend.
        folder: Where to write.
        to: The format.
        precision: Of the numbers in a LiteRT file.
        calibration: For int8, uint8 `(n, height, width, 3)`: they show how large the numbers
            between the layers become.

    Raises:
        RunError: The model has a layer that cannot be converted.
    """
    path = folder / TARGETS[to].file
    try:
        with _without_notes():
            _WRITERS[to](model, path, precision, calibration)
    except Exception as error:
        words = f"{type(error).__name__}: {error}"
        raise RunError(
            f"The model could not be converted to {to}: {cut(words[: 10 * QUOTED], QUOTED)} Try "
            f"another format."
        ) from error
    return path


def _write_savedmodel(model: Any, path: Path, *_: object) -> None:
    model.export(path, format="tf_saved_model", verbose=False)


def _write_onnx(model: Any, path: Path, *_: object) -> None:
    add_operators()
    model = with_convertible_layers(model)
    # Keras exports to ONNX only what has computed something.
    model(np.zeros((1, *(side or SIDE for side in model.input_shape[1:])), np.float32))
    model.export(str(path), format="onnx", verbose=False)


def _write_litert(
    model: Any, path: Path, precision: Precision, calibration: npt.NDArray[np.uint8] | None
) -> None:
    import tensorflow as tf

    options: dict[str, Any] = {}
    if precision != "float32":
        options["optimizations"] = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        options["target_spec"] = {"supported_types": [tf.float16]}
    if precision == "int8":
        assert calibration is not None
        options |= {
            "representative_dataset": lambda: _batches_of_one(calibration),
            "target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
            "inference_input_type": tf.uint8,
            "inference_output_type": tf.uint8,
        }
    model.export(str(path), format="litert", verbose=False, **options)


def _batches_of_one(images: npt.NDArray[np.uint8]) -> Iterator[list[npt.NDArray[np.float32]]]:
    """Yield each image; the first one gets a black and a white value.

    The input's range is then 0-255 whatever the images show, and the file takes their bytes as they
    are: its scale is 1, its zero point 0.
    """
    for i, image in enumerate(images):
        batch = image[None].astype(np.float32)
        if i == 0:
            batch.flat[0], batch.flat[-1] = 0, 255
        yield [batch]


_WRITERS: Mapping[Format, Callable[..., None]] = MappingProxyType(
    {"savedmodel": _write_savedmodel, "onnx": _write_onnx, "litert": _write_litert}
)


@contextmanager
def _without_notes() -> Iterator[None]:
    """Discard what converters warn of and write to standard error; their errors are raised.

    The file descriptor is redirected: the C++ code of TensorFlow writes to it directly.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
