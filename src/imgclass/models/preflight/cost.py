"""The cost of a model in numbers and computations, and the limits on it."""

import math
from dataclasses import dataclass

from imgclass.models.preflight.refusal import Refused
from imgclass.models.preflight.sizes import Shape, Size

# Numbers of four bytes. EfficientNetB7 at 600 x 600, the largest of keras.applications, makes 17
# million in one layer and 1.0 billion in all; few of them are in memory at the same time.
LARGEST_OUTPUT = 2**27
LARGEST_SUM = 2**32
CALLS = 5_000  # of layers in one prediction; NASNetLarge makes 1,040
# Multiplications and comparisons in one call. NASNetLarge makes 24 billion in all, a processor 1 to
# 100 billion a second.
WORK = 10**12


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost for one image of a model, or of one call of a layer.

    Attributes:
        outputs: The shapes of the outputs; empty if a trusted layer decides them.
        parameters: The numbers that layers learn or keep.
        values: The numbers that all layers make.
        calls: The calls of layers.

    Example:
        >>> Cost(((8, 8, 4),), 112, 256, 1).plus(Cost(((4,),), 0, 4, 1))
        Cost(outputs=((4,),), parameters=112, values=260, calls=2)
    """

    outputs: tuple[Shape, ...] = ()
    parameters: int = 0
    values: int = 0
    calls: int = 0

    def plus(self, other: "Cost") -> "Cost":
        """Return the cost of this one followed by another."""
        return Cost(
            other.outputs,
            self.parameters + other.parameters,
            self.values + other.values,
            self.calls + other.calls,
        )


def cost_of(size: Size, place: str) -> Cost:
    """Return the cost of one call of a layer, after checking its limits."""
    values = math.prod(size.shape) + size.scratch
    if values > LARGEST_OUTPUT:
        raise Refused(
            f"{place} makes {values:,} numbers of one image; at most {LARGEST_OUTPUT:,} are "
            f"allowed."
        )
    if size.work > WORK:
        raise Refused(
            f"{place} makes {size.work:,} computations for one image; at most {WORK:,} are allowed."
        )
    return Cost((size.shape,), size.parameters, values, 1)


def require_modest(cost: Cost, place: str) -> None:
    """Require a cost at which a prediction ends soon and fits into memory."""
    if cost.calls > CALLS:
        raise Refused(
            f"More than {CALLS:,} calls of layers are in {place}, perhaps since models call models "
            f"repeatedly."
        )
    if cost.values > LARGEST_SUM:
        raise Refused(
            f"{place} makes {cost.values:,} numbers of one image; at most {LARGEST_SUM:,} are "
            f"allowed."
        )
