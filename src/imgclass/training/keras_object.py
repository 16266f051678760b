"""An optimizer, a loss or a metric of Keras as a value from which it can be built again."""

import json
import re
import sys
from dataclasses import dataclass
from typing import Any, Literal

from imgclass.errors import UsageError

Kind = Literal["optimizer", "loss", "metric"]

REMEDY = (
    "Decorate its class or function with @keras.saving.register_keras_serializable(), and let its "
    "get_config name every argument."
)


@dataclass(frozen=True, slots=True, repr=False)
class KerasObject:
    """The description of a Keras object: a value that can be compared, hashed and saved.

    Attributes:
        config: Canonical JSON of `keras.saving.serialize_keras_object`.

    Raises:
        UsageError: `config` is something else.

    Example:
        >>> import keras
        >>> mine = keras_object("optimizer", keras.optimizers.RMSprop(0.01), kind="optimizer")
        >>> mine, mine.learning_rate
        (RMSprop, 0.01)
        >>> type(mine.build()).__name__
        'RMSprop'
    """

    config: str

    def __post_init__(self) -> None:
        try:
            described = json.loads(self.config)
            fits = isinstance(described["class_name"], str) and "config" in described
        except (TypeError, ValueError, KeyError):
            fits = False
        if not fits:
            raise UsageError(
                f"Expected the JSON of keras.saving.serialize_keras_object; received "
                f"{self.config!r}. Give the Keras object itself."
            )

    def __repr__(self) -> str:
        return self.title

    @property
    def described(self) -> dict[str, Any]:
        """What Keras builds it from: its class or function, and the options."""
        described: dict[str, Any] = json.loads(self.config)
        return described

    @property
    def options(self) -> dict[str, Any]:
        """Its class's arguments; none for a function."""
        options = self.described["config"]
        return options if isinstance(options, dict) else {}

    @property
    def title(self) -> str:
        """The name of its class or function."""
        described = self.described
        function = described["config"]
        name = function if isinstance(function, str) else described["class_name"]
        return str(name).rpartition(">")[2]

    @property
    def log_name(self) -> str:
        """The name of a metric in Keras's logs."""
        return str(self.options.get("name", self.title))

    @property
    def registered(self) -> tuple[str, ...]:
        """Names of its classes and functions that user code registered."""
        names = re.findall(r'"([^"]+>[^"]+)"', self.config)
        return tuple(dict.fromkeys(name for name in names if not name.startswith("imgclass>")))

    @property
    def learning_rate(self) -> float | None:
        """An optimizer's learning rate; None for a schedule, or if there is none."""
        rate = _holder_of_rate(self.options).get("learning_rate")
        return rate if isinstance(rate, float) else None

    def at_rate(self, learning_rate: float) -> "KerasObject":
        """Return the optimizer with this learning rate instead of its own rate or schedule."""
        described = self.described
        _holder_of_rate(described["config"])["learning_rate"] = learning_rate
        return KerasObject(_canonical(described))

    def build(self) -> Any:
        """Return a new Keras object; an optimizer starts without state.

        Raises:
            UsageError: It needs a class that is neither Keras's nor registered in this process.
        """
        import keras

        from imgclass.models.preflight.objects import Objects
        from imgclass.training import muon  # noqa: F401 - registers imgclass's own optimizer

        try:
            # It may come from a stranger's run.
            Objects().require_compiled(self.described, f"The {self.title}")
            return keras.saving.deserialize_keras_object(self.described)
        except Exception as error:
            raise UsageError(
                f"Expected {self.title} to be known to Keras; it could not be built: "
                f"{_first_line(error)} Import the module that registers it first. {REMEDY}"
            ) from error


def keras_object(name: str, value: Any, *, kind: Kind) -> KerasObject:
    """Return a Keras object or a registered function as a value; messages call it `name`."""
    if isinstance(value, KerasObject):
        return value
    if not _is_of_kind(value, kind):
        is_class = isinstance(value, type)
        received = f"the class {value.__name__}" if is_class else f"{name}={value!r}"
        hint = f" Call it: {value.__name__}(...)." if is_class else ""
        function = " or a registered function" if kind != "optimizer" else ""
        raise UsageError(
            f"Expected {name} to be a name, a Keras {kind}{function}; received {received}.{hint}"
        )
    import keras

    try:
        described = keras.saving.serialize_keras_object(value)
        made = KerasObject(_canonical(_tidied(described, kind)))
        keras.saving.deserialize_keras_object(made.described)
    except Exception as error:
        shown = getattr(value, "__name__", type(value).__name__)
        raise UsageError(
            f"Expected {name} to be something that Keras can build again from its own "
            f"serialisation; {shown} cannot be: {_first_line(error)} {REMEDY}"
        ) from error
    return made


def _is_of_kind(value: Any, kind: Kind) -> bool:
    # Nothing can be an object of Keras before it is imported.
    if "keras" not in sys.modules or isinstance(value, type):
        return False
    import keras

    if kind == "optimizer":
        return isinstance(value, keras.optimizers.Optimizer)
    base = keras.losses.Loss if kind == "loss" else keras.metrics.Metric
    return isinstance(value, base) or hasattr(value, "__name__")


def _tidied(described: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """Remove what differs between two objects made in the same way."""
    options = described["config"]
    if kind == "metric" or not isinstance(options, dict):
        return described
    for part in (options, _holder_of_rate(options)):
        if isinstance(name := part.get("name"), str):
            part["name"] = re.sub(r"_\d+$", "", name)  # Keras numbers them
        if isinstance(rate := part.get("learning_rate"), float):
            part["learning_rate"] = _short(rate)
    return described


def _holder_of_rate(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the learning rate: those of the innermost optimizer."""
    inner = options.get("inner_optimizer")
    return _holder_of_rate(inner["config"]) if isinstance(inner, dict) else options


def _short(rate: float) -> float:
    """Return the shortest number equal in float32, in which Keras keeps a rate."""
    import numpy as np

    return float(str(np.float32(rate)))


def _canonical(described: dict[str, Any]) -> str:
    return json.dumps(described, sort_keys=True, allow_nan=False)


def _first_line(error: Exception) -> str:
    line = str(error).strip().partition("\n")[0].partition(". ")[0]
    return f"{line.rstrip('.') or type(error).__name__}."
