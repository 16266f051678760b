"""The formats that a model is exported to: their files, extras, and how exact they must be."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from types import MappingProxyType
from typing import Literal, get_args

from imgclass.errors import MachineError, UsageError
from imgclass.formatting import percent, shown_value

Format = Literal["savedmodel", "onnx", "litert"]
Precision = Literal["float32", "float16", "int8"]
FORMATS: tuple[Format, ...] = get_args(Format)
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an exported file may be from the run.

    Attributes:
        difference: The largest difference of a probability, in 0-1; None if only classes count.
        agreement: The least share of images with the same most probable class, in 0-1.
    """

    difference: float | None
    agreement: float

    def __str__(self) -> str:
        if self.difference is None:
            return f"the same class for at least {percent(self.agreement, 0)} of the images"
        return f"probabilities that differ by at most {self.difference:g}"

    def is_kept(self, *, difference: float, agreement: float) -> bool:
        """Return whether the measured figures are within it; NaN is not."""
        return agreement >= self.agreement and (
            self.difference is None or difference <= self.difference
        )


# float32: other programs sum in another order, which changes the last of seven digits; the
# differences of the built-in architectures are in docs/export.md. float16 has three digits. int8
# has two, so that only the order of the classes is compared, and images in doubt may change sides.
TOLERANCES: Mapping[Precision, Tolerance] = MappingProxyType(
    {
        "float32": Tolerance(1e-4, 0.0),
        "float16": Tolerance(2e-2, 0.0),
        "int8": Tolerance(None, 0.9),
    }
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a format needs.

    Attributes:
        file: The name of the file, or of the folder of a SavedModel.
        modules: What has to be importable, to write the file and to compare it.
        extra: The extra of imgclass that installs them; empty if they are always there.
    """

    file: str
    modules: tuple[str, ...] = ()
    extra: str = ""


TARGETS: Mapping[Format, Target] = MappingProxyType(
    {
        "savedmodel": Target("model"),
        "onnx": Target("model.onnx", ("onnx", "tf2onnx", "onnxruntime"), "onnx"),
        "litert": Target("model.tflite", ("ai_edge_litert",), "litert"),
    }
)


def require_format(to: str, precision: str) -> None:
    """Refuse a format or a precision that does not exist, and those that do not go together.

    Raises:
        UsageError: As described.

    Example:
        >>> require_format("onnx", "int8")
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected float32 for onnx; received int8. Only litert ...
    """
    for value, known in ((to, FORMATS), (precision, PRECISIONS)):
        if value not in known:
            raise UsageError(f"Expected one of {', '.join(known)}; received {shown_value(value)}.")
    if precision != "float32" and to != "litert":
        raise UsageError(
            f"Expected float32 for {to}; received {precision}. Only litert has other precisions."
        )


def require_extra(to: Format) -> None:
    """Refuse a format of which a package is not installed; nothing is imported.

    Raises:
        MachineError: The message has the command that installs it.
    """
    target = TARGETS[to]
    if missing := [module for module in target.modules if find_spec(module) is None]:
        raise MachineError(
            f"Expected {', '.join(missing)} to be installed, which the format {to} needs. Install "
            f"it: pip install 'imgclass-keras[{target.extra}]'"
        )


def folder_name(to: Format, precision: Precision) -> str:
    """Return the name of the folder of an export.

    Example:
        >>> folder_name("onnx", "float32"), folder_name("litert", "int8")
        ('onnx', 'litert-int8')
    """
    return to if precision == "float32" else f"{to}-{precision}"
