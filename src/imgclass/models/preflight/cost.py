"""What a model needs, and the most of it that is allowed."""

import math
from dataclasses import dataclass

from imgclass.models.preflight.refusal import Refused
from imgclass.models.preflight.sizes import Shape, Size

# Numbers, of four bytes each. The largest of keras.applications, EfficientNetB7 at 600 x 600, makes
# 17 million in one layer and 1.0 billion in all, of which few are in memory at a time.
LARGEST_OUTPUT = 2**27
LARGEST_SUM = 2**32
CALLS = 5_000  # of layers, in one prediction; NASNetLarge makes 1,040
# Multiplications and comparisons; NASNetLarge makes 24 billion, and a processor a billion a second
# or a hundred.
WORK = 10**12


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model, or one call of a layer, needs.

    Attributes:
        outputs: The shapes of its outputs for one image; none where a trusted layer decides them.
        parameters: The numbers that its layers learn or keep.
        values: The numbers that one image becomes, in all layers.
        calls: Of layers.

    Example:
        >>> Cost(((8, 8, 4),), 112, 256, 1).plus(Cost(((4,),), 0, 4, 1))
        Cost(outputs=((4,),), parameters=112, values=260, calls=2)
    """

    outputs: tuple[Shape, ...] = ()
    parameters: int = 0
    values: int = 0
    calls: int = 0

    def plus(self, other: "Cost") -> "Cost":
        """Return what two need, one behind the other."""
        return Cost(
            other.outputs,
            self.parameters + other.parameters,
            self.values + other.values,
            self.calls + other.calls,
        )


def cost_of(size: Size, place: str) -> Cost:
    """Return what one call of a layer needs.

    Raises:
        Refused: It is more than any image should become.
    """
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
    """Require that a prediction ends, and that its numbers find room.

    Raises:
        Refused: They do not.
    """
    if cost.calls > CALLS:
        raise Refused(
            f"More than {CALLS:,} calls of layers are in {place}, as where models call models "
            f"twice."
        )
    if cost.values > LARGEST_SUM:
        raise Refused(
            f"One image becomes {cost.values:,} numbers in {place}; at most {LARGEST_SUM:,} are "
            f"allowed."
        )
