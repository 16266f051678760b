"""Which backend Keras is told to compute with, found out without importing Keras."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

# Keras also predicts with NumPy and OpenVINO; it trains with these.
BACKENDS = ("tensorflow", "jax", "torch")
KERAS_DEFAULT = "tensorflow"
VARIABLE = "KERAS_BACKEND"
# A longer name in a message would be no name.
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Backend:
    """A choice of Keras's backend.

    Attributes:
        name: What Keras is told, whether there is such a backend or not.
        source: Where it is told: `KERAS_BACKEND`, the path of a `keras.json`, or `Keras's default`.
    """

    name: str
    source: str

    def __str__(self) -> str:
        """Return it as it was written where it is set."""
        name = self.name if len(self.name) <= LONGEST_NAME else f"{self.name[:LONGEST_NAME]}..."
        if self.source == VARIABLE:
            return f"{VARIABLE}={name}"
        return f"{name!r} ({self.source})"


def chosen_backend(environment: Mapping[str, str] | None = None) -> Backend:
    """Return what Keras will take when it is imported, by Keras's own rules.

    The variable KERAS_BACKEND decides; then `keras.json` in KERAS_HOME or `~/.keras`; then
    TensorFlow is taken.

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
    """Return why Keras cannot train with `backend`, and what to do; empty where it can.

    Its package is looked for, not imported.

    Example:
        >>> find_backend_fault(Backend("pytorch", "KERAS_BACKEND"))[1]
        'Set KERAS_BACKEND=torch.'
    """
    if backend.name not in BACKENDS:
        near = get_close_matches(backend.name.lower(), BACKENDS, n=1)
        *most, last = BACKENDS
        fault = f"Expected Keras's backend to be {', '.join(most)} or {last}; received {backend}."
        return fault, f"{_how_to_set(backend, near[0] if near else KERAS_DEFAULT)}."
    if _is_there(backend.name):
        return "", ""
    others = [name for name in BACKENDS if _is_there(name)]
    instead = f", or {_how_to_set(backend, others[0], within=True)}" if others else ""
    fault = (
        f"Expected the package of Keras's backend to be installed; received {backend}, and "
        f"{backend.name} is not installed."
    )
    return fault, f"Install it (pip install {backend.name}){instead}."


def _how_to_set(backend: Backend, name: str, *, within: bool = False) -> str:
    """Return where to write which name: the variable overrides every file."""
    verb = "set" if within else "Set"
    if backend.source.endswith("keras.json"):
        return f'{verb} "backend": "{name}" in that file'
    return f"{verb} {VARIABLE}={name}"


def _is_there(package: str) -> bool:
    return find_spec(package) is not None


def _keras_home(variables: Mapping[str, str]) -> Path:
    if "KERAS_HOME" in variables:
        return Path(variables["KERAS_HOME"]).expanduser()
    home = Path("~").expanduser()
    return (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras"  # noqa: S108 - as Keras does
