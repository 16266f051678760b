"""The arguments of a layer's calls in a configuration: tensors and numbers, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from imgclass.models.preflight.allowed import DTYPES
from imgclass.models.preflight.objects import is_number
from imgclass.models.preflight.refusal import Refused, shown
from imgclass.models.preflight.sizes import Shape
from imgclass.models.preflight.values import INPUT_SHAPE, is_name

OPEN_SIDE = 224  # pixels, assumed for a side that the model leaves open
DEEPEST = 4  # nested lists among the arguments
_OUTPUT = 3  # entries that name one: layer, number of the call, number of the output


@dataclass(frozen=True, slots=True)
class Tensor:
    """One output of one call of a layer, both counted from 0.

    `claimed` is the shape in the file, which Keras ignores.
    """

    layer: str
    call: int
    output: int
    claimed: Shape = ()


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one call of a layer, in order; only operations take numbers."""

    tensors: list[Tensor] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)


def read_call(
    node: Any, place: str, *, takes: Sequence[str], custom: bool, operation: bool
) -> Call:
    """Return the arguments of a call; those named in `takes`, beside the first, may be tensors.

    The arguments of a trusted layer, `custom`, may have any name.
    """
    form = isinstance(node, dict) and set(node) == {"args", "kwargs"}
    if not form or not isinstance(node["args"], list) or not isinstance(node["kwargs"], dict):
        raise Refused(f"{place} is called in a form that Keras 3 does not write.")
    call, named = Call(), node["kwargs"]
    _gather(node["args"], place, call)
    for key in named if custom else takes:  # in the order of the layer, not of the file
        _gather(named.get(key), place, call)
    for key in set(named) - set(takes):
        value = named[key]
        plain = value is None or isinstance(value, bool) or (operation and is_number(value))
        if not plain and not custom:
            raise Refused(f"{place} is called with {shown(key)}: {shown(value)}.")
    if not call.tensors:
        raise Refused(f"{place} is called without a tensor.")
    if call.numbers and not (operation or custom):
        raise Refused(f"{place} is called with numbers.")
    return call


def read_ends(value: Any, place: str) -> list[Tensor]:
    """Return the tensors that are a graph's inputs or outputs."""
    several = isinstance(value, list) and value and isinstance(value[0], list)
    ends = value if several else [value]
    if not all(map(_is_output, ends)):
        raise Refused(f"{place} are {shown(value)}; expected layers with the numbers of a call.")
    return [Tensor(*end) for end in ends]


def known(shape: list[int | None]) -> Shape:
    """Return the shape of one image of a batch, with `OPEN_SIDE` for open sides.

    Example:
        >>> known([None, None, 32, 3])
        (224, 32, 3)
    """
    return tuple(OPEN_SIDE if side is None else side for side in shape[1:])


def _gather(value: Any, place: str, call: Call, depth: int = 0) -> None:
    if isinstance(value, list) and depth < DEEPEST:
        for part in value:
            _gather(part, place, call, depth + 1)
    elif isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        call.tensors.append(_tensor(value, place))
    elif is_number(value):
        call.numbers.append(value)
    elif value is not None and not isinstance(value, bool):
        raise Refused(f"{place} is called with {shown(value)}, neither a tensor nor a number.")


def _tensor(item: dict[str, Any], place: str) -> Tensor:
    config = item.get("config")
    fits = (
        set(item) == {"class_name", "config"}
        and isinstance(config, dict)
        and set(config) == {"shape", "dtype", "keras_history"}
        and _is_output(config["keras_history"])
        and isinstance(config["dtype"], str)
        and config["dtype"] in DTYPES
        and INPUT_SHAPE.fits(config["shape"])
    )
    if not fits or config is None:
        raise Refused(f"{place} is called with a tensor in a form that Keras does not write.")
    layer, number, output = config["keras_history"]
    return Tensor(layer, number, output, known(config["shape"]))


def _is_output(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == _OUTPUT
        and is_name(value[0])
        and all(type(number) is int and number >= 0 for number in value[1:])
    )
