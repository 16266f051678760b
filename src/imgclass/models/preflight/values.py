"""The kinds of values that settings of layers may have, in words and as checks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from imgclass.models.preflight.allowed import ACTIVATION_LAYERS, DTYPES
from imgclass.models.preflight.objects import OBJECT_KEYS, Objects, is_number, is_plain
from imgclass.models.preflight.refusal import Refused, shown

MOST = 2**24  # units, filters, sides, strides: no image has a side of 16 million pixels
LONGEST_NAME = 500  # characters of a layer's name
AXIS_LIMIT = 8  # axes of a shape; images in a batch have 4
PAIR = 2
SIDES = 3  # sides of a volume

Check = Callable[[Any, Objects, str], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value that a setting may have, in words for messages and as a test."""

    words: str
    fits: Callable[[Any], bool]

    def __call__(self, value: Any, objects: Objects, place: str) -> None:
        """Require a value of this kind."""
        del objects
        if not self.fits(value):
            raise Refused(f"{place} is {shown(value)}; expected {self.words}.")


def is_count(value: Any) -> bool:
    """Return whether a value is an int from 1 to `MOST`."""
    return type(value) is int and 1 <= value <= MOST


def is_size(value: Any) -> bool:
    """Return whether a value is an int from 0 to `MOST`."""
    return type(value) is int and 0 <= value <= MOST


def _is_axis(value: Any) -> bool:
    return type(value) is int and abs(value) <= AXIS_LIMIT


def _listed(fits: Callable[[Any], bool], longest: int = AXIS_LIMIT) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and len(value) <= longest and all(map(fits, value))


def one_or_list(fits: Callable[[Any], bool], longest: int = AXIS_LIMIT) -> Callable[[Any], bool]:
    """Return the test for one value or a list of up to `longest`."""
    listed = _listed(fits, longest)
    return lambda value: fits(value) or listed(value)


def optional(kind: Kind) -> Kind:
    """Return a kind that may also be None."""
    return Kind(f"{kind.words}, or nothing", lambda value: value is None or kind.fits(value))


def one_of(*words: str) -> Kind:
    """Return the kind of one of some words."""
    return Kind(f"one of {', '.join(words)}", lambda value: value in words)


def is_name(value: Any) -> bool:
    """Return whether a value can be a layer's name, of which Keras makes a path."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST_NAME
        and value not in (".", "..")
        and not set("/\\\0") & set(value)
        and value.isprintable()
    )


COUNT = Kind(f"a whole number from 1 to {MOST:,}", is_count)
COUNT_OR_ALL = Kind(
    f"a whole number from 1 to {MOST:,}, or -1", lambda value: is_count(value) or value == -1
)
COUNTS = Kind(f"whole numbers from 1 to {MOST:,}", one_or_list(is_count))
SIZES = Kind(f"whole numbers from 0 to {MOST:,}", one_or_list(is_size))
NUMBER = Kind("a number", is_number)
NUMBERS = Kind("a number, or a list of up to 65,536", one_or_list(is_number, 2**16))
FEW_NUMBERS = Kind("a number, or a few", one_or_list(is_number))
BOOL = Kind("true or false", lambda value: isinstance(value, bool))
NO = Kind("false", lambda value: value is False)
AXIS = Kind("an axis", _is_axis)
AXES = Kind("axes", one_or_list(_is_axis))
SEED = Kind("a whole number, or nothing", lambda value: value is None or type(value) is int)
NAME = Kind(f"a name of 1 to {LONGEST_NAME} printable characters without slashes", is_name)
DTYPE = Kind("a type of numbers", lambda value: isinstance(value, str) and value in DTYPES)
FORMAT = optional(one_of("channels_last", "channels_first"))
PADDING = one_of("valid", "same", "causal")
BORDERS = Kind(
    "borders in pixels",
    one_or_list(one_or_list(is_size), SIDES),
)
PAIRS = Kind(
    "pairs of sizes",
    _listed(lambda pair: _listed(is_size)(pair) and len(pair) == PAIR),
)
INPUT_SHAPE = Kind(
    "a list of sizes",
    lambda value: _listed(lambda size: size is None or is_count(size))(value) and len(value) > 0,
)
TARGET_SHAPE = Kind(
    "sizes, at most one of them -1",
    lambda value: (
        _listed(lambda size: is_count(size) or size == -1)(value) and value.count(-1) <= 1
    ),
)
NOISE_SHAPE = Kind(
    "sizes or nothing",
    lambda value: value is None or _listed(lambda x: x is None or is_size(x))(value),
)


def initializer(value: Any, objects: Objects, place: str) -> None:
    """Require an initializer."""
    objects.require_named(value, "keras.initializers", place)


def regularizer(value: Any, objects: Objects, place: str) -> None:
    """Require a regularizer, or nothing."""
    objects.require_named(value, "keras.regularizers", place)


def constraint(value: Any, objects: Objects, place: str) -> None:
    """Require a constraint, or nothing."""
    objects.require_named(value, "keras.constraints", place)


def activation(value: Any, objects: Objects, place: str) -> None:
    """Require an activation: a name, a function, or a layer that only applies one."""
    layer = isinstance(value, dict) and value.get("module") == "keras.layers"
    if layer and value.get("class_name") in ACTIVATION_LAYERS:
        objects.require_form(value, place, OBJECT_KEYS)
        for key, setting in value["config"].items():
            if key == "dtype":
                objects.require_policy(setting, place)
            elif not is_plain(setting):
                raise Refused(f"{place} has the setting {shown(key)}, which is not plain.")
        objects.remember(value, place)
        return
    objects.require_activation(value, place)


def policy(value: Any, objects: Objects, place: str) -> None:
    """Require a number type or a dtype policy."""
    objects.require_policy(value, place)
