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

# Keras can also predict with NumPy and OpenVINO; it can train with these.
BACKENDS = ("tensorflow", "jax", "torch")
KERAS_DEFAULT = "tensorflow"
VARIABLE = "KERAS_BACKEND"
LONGEST_NAME = 40  # characters of a backend's name that a message shows


@dataclass(frozen=True, slots=True)
class Backend:
    """A choice of Keras's backend.

    Attributes:
        name: What Keras is told, whether such a backend exists or not.
        source: Where it is told: `KERAS_BACKEND`, the path of a `keras.json`, or `Keras's default`.
    """

    name: str
    source: str

    def __str__(self) -> str:
        """Return it as it is written in its source."""
        name = self.name if len(self.name) <= LONGEST_NAME else f"{self.name[:LONGEST_NAME]}..."
        if self.source == VARIABLE:
            return f"{VARIABLE}={name}"
        return f"{name!r} ({self.source})"


def chosen_backend(environment: Mapping[str, str] | None = None) -> Backend:
    """Return the backend that Keras will use when it is imported, by Keras's own rules.

    The variable KERAS_BACKEND decides; then `keras.json` in KERAS_HOME or `~/.keras`; then
    TensorFlow is the default.

    Args:
        environment: Environment variables; those of the process when not given.

    Example:
        >>> chosen_backend({"KERAS_BACKEND": "jax"})
        Backend(name='jax', source='KERAS_BACKEND')
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
    """Return why Keras cannot train with `backend`, and what to do; empty texts if it can.

    The backend's package is looked for, not imported.

    Example:
        >>> find_backend_fault(Backend("pytorch", "KERAS_BACKEND"))[1]
        'Set KERAS_BACKEND=torch.'
    """
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
    """Refuse a backend that Keras cannot train with, before Keras is imported.

    This takes about a millisecond and imports neither Keras nor a backend. If Keras is imported
    already, nothing is checked.

    Raises:
        MachineError: KERAS_BACKEND or `keras.json` names a backend that is not installed, or one
            that Keras cannot train with.
    """
    if "keras" in sys.modules:
        return
    fault, remedy = find_backend_fault(chosen_backend())
    if fault:
        raise MachineError(f"{fault} {remedy}")


def load_keras_quietly() -> None:
    """Import Keras without the notes that TensorFlow writes to standard error.

    The file descriptor is closed for as long as the import takes, since TensorFlow's C++ code
    writes to it directly, and its own setting does not silence everything. Errors of the import
    are raised as usual.

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

        # The first computation makes TensorFlow look for devices and note what it finds.
        keras.ops.zeros(1)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _how_to_set(backend: Backend, name: str, *, within: bool = False) -> str:
    """Return where to write `name`: in the file if that decides, otherwise in the variable."""
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
