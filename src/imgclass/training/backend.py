"""Keras's backend: which one is chosen, whether Keras can train with it, and loading Keras."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

from imgclass.errors import MachineError
from imgclass.global_state import collecting_later

# Keras trains with these; with NumPy and OpenVINO it only predicts.
BACKENDS = ("tensorflow", "jax", "torch")
KERAS_DEFAULT = "tensorflow"
VARIABLE = "KERAS_BACKEND"
LONGEST_NAME = 40  # characters of a name in a message


@dataclass(frozen=True, slots=True)
class Backend:
    """A choice of Keras's backend, which need not exist.

    `source` is `KERAS_BACKEND`, the path of a `keras.json`, or `Keras's default`.
    """

    name: str
    source: str

    def __str__(self) -> str:
        name = self.name if len(self.name) <= LONGEST_NAME else f"{self.name[:LONGEST_NAME]}..."
        if self.source == VARIABLE:
            return f"{VARIABLE}={name}"
        return f"{name!r} ({self.source})"


def chosen_backend(environment: Mapping[str, str] | None = None) -> Backend:
    """Return the backend that Keras will use, by its own rules.

    KERAS_BACKEND decides, then `keras.json` in KERAS_HOME or `~/.keras`, then TensorFlow.
    """
    variables = os.environ if environment is None else environment
    if named := variables.get(VARIABLE):
        return Backend(named, VARIABLE)
    file = _keras_home(variables) / "keras.json"
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
        return Backend(str(settings["backend"]), str(file))
    except (OSError, ValueError, LookupError, TypeError):
        return Backend(KERAS_DEFAULT, "Keras's default")


def find_backend_fault(backend: Backend) -> tuple[str, str]:
    """Return why Keras cannot train with `backend`, and what to do; empty texts if it can."""
    if backend.name not in BACKENDS:
        near = get_close_matches(backend.name.lower(), BACKENDS, n=1)
        *most, last = BACKENDS
        fault = f"Expected Keras's backend to be {', '.join(most)} or {last}; received {backend}."
        return fault, f"{_how_to_set(backend, near[0] if near else KERAS_DEFAULT)}."
    if _is_installed(backend.name):
        return "", ""
    others = [name for name in BACKENDS if _is_installed(name)]
    instead = f", or {_how_to_set(backend, others[0], within=True)}" if others else ""
    fault = (
        f"Expected the package of Keras's backend to be installed; received {backend}, and "
        f"{backend.name} is not installed."
    )
    return fault, f"Install it (pip install {backend.name}){instead}."


def require_backend() -> None:
    """Refuse a backend that Keras cannot train with, unless Keras is imported already.

    This takes about a millisecond, and imports nothing.
    """
    if "keras" in sys.modules:
        return
    fault, remedy = find_backend_fault(chosen_backend())
    if fault:
        raise MachineError(f"{fault} {remedy}")


def load_keras_quietly() -> None:
    """Import Keras without the notes that TensorFlow writes to standard error.

    The file descriptor is redirected meanwhile: TensorFlow's C++ code writes to it directly, and
    its own setting does not silence everything. Errors are raised as usual.
    """
    require_backend()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        with collecting_later():  # collecting takes a quarter of the import's time
            import keras

        # Only the first computation makes TensorFlow look for devices and write about them.
        keras.ops.zeros(1)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _how_to_set(backend: Backend, name: str, *, within: bool = False) -> str:
    """Say to write `name` into the file if that decides, otherwise into the variable."""
    verb = "set" if within else "Set"
    if backend.source.endswith("keras.json"):
        return f'{verb} "backend": "{name}" in that file'
    return f"{verb} {VARIABLE}={name}"


def _is_installed(package: str) -> bool:
    return find_spec(package) is not None


def _keras_home(variables: Mapping[str, str]) -> Path:
    if "KERAS_HOME" in variables:
        return Path(variables["KERAS_HOME"]).expanduser()
    home = Path("~").expanduser()
    return (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras"  # noqa: S108 - as Keras does
