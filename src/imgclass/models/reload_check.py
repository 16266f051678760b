"""Check, before training, that another process can load the model and computes the same with it.

The other process runs this module. It is started early, so that both import Keras at the same time.
"""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.errors import PluginError
from imgclass.global_state import collecting_later
from imgclass.models.metadata import read_metadata
from imgclass.models.preflight import find_fault

LIMIT = 120.0  # seconds; importing Keras took 11 on a loaded machine with two cores
IMAGES = 2
TOLERANCE = 1e-3  # of probabilities: on a GPU, products may have ten bits of mantissa
SIDE = 32  # pixels, for models that take any image size
REGISTERED = (
    "that a module which can be imported registers (@keras.saving.register_keras_serializable)"
)
QUOTED = 600  # characters of the other process's message


class ReloadCheck:
    """The other process, from `reload_check`."""

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        self._child = child
        self._shape: tuple[int, ...] = ()

    def begin(self, path: Path, model: Any) -> None:
        """Let the other process load a model's file; warn if that will need trust."""
        if fault := find_fault(path):
            warnings.warn(
                f"This model can be trained, but loading it needs trust=True (--trust): {fault}",
                stacklevel=2,
            )
        self._shape = (IMAGES, *(side or SIDE for side in model.input_shape[1:]))
        job = {"path": str(path), "shape": self._shape}
        with suppress(OSError):  # the process has ended; require_same says so
            assert self._child.stdin is not None
            self._child.stdin.write(json.dumps(job).encode() + b"\n")
            self._child.stdin.close()

    def require_same(self, model: Any) -> None:
        """Require that the other process loaded the file and computes the same."""
        answer = self._answer()
        if answer is None:
            warnings.warn(
                "The process that should load the untrained model ended without an answer. Whether "
                "the trained model can be loaded is not known.",
                stacklevel=2,
            )
            return
        if fault := answer["fault"]:
            raise PluginError(
                f"Another process cannot load the model, so nothing could use it after training: "
                f"{fault[:QUOTED]}",
                remedy=f"Use Keras's own layers, or layers {REGISTERED}.",
            )
        expected = np.asarray(model.predict_on_batch(noise(self._shape)))
        difference = float(np.abs(expected - np.array(answer["probabilities"])).max())
        if not difference <= TOLERANCE:
            raise PluginError(
                f"The model computes something else after another process has loaded it: "
                f"probabilities differ by {difference:.3g}.",
                remedy="Let get_config of your layers return every argument of __init__, and keep "
                "every number that they compute with in weights.",
            )

    def _answer(self) -> Any:
        timer = Timer(LIMIT, self._child.kill)
        timer.start()
        try:
            assert self._child.stdout is not None
            return json.loads(self._child.stdout.read())
        except (OSError, ValueError):
            return None
        finally:
            timer.cancel()


def noise(shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Return the same images in every process."""
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)


@contextmanager
def reload_check() -> Iterator[ReloadCheck]:
    """Start the other process, and end it with the block."""
    environment = os.environ | {
        # Python ignores entries that are no text; an empty one is the working directory.
        "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path if isinstance(p, str)),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",  # the GPU is for this process
        "JAX_PLATFORMS": "cpu",
    }
    if (keras := sys.modules.get("keras")) is not None:
        environment["KERAS_BACKEND"] = keras.config.backend()
    with subprocess.Popen(
        [sys.executable, "-m", "imgclass.models.reload_check"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,  # Ctrl-C is for the training
    ) as child:
        try:
            yield ReloadCheck(child)
        finally:
            child.kill()


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    import keras

    from imgclass.models.required_modules import import_what_it_needs

    path = Path(job["path"])
    try:
        # The parent has just written the file.
        metadata = read_metadata(path, trust=True)
        if metadata is not None:
            import_what_it_needs(metadata)
        model = keras.saving.load_model(path, compile=False)
        probabilities = np.asarray(model.predict_on_batch(noise(tuple(job["shape"]))))
    except Exception as error:  # noqa: BLE001 - a plugin's layers may raise what they like
        return {"fault": f"{type(error).__name__}: {error}"}
    return {"fault": "", "probabilities": probabilities.tolist()}


def main() -> None:
    """Load the model that standard input names; only the answer goes to standard output."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with collecting_later():
        import keras
    keras.ops.zeros(1)
    if line := sys.stdin.readline():
        channel.write(json.dumps(_answer(json.loads(line))))
        channel.flush()


if __name__ == "__main__":
    main()
