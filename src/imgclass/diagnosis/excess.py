"""A regularizer that is stronger than any in common use."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Excess:
    """A regularizer beyond the strongest in common use.

    Attributes:
        setting: `dropout`, `l2`, `augmentation` or `label_smoothing`.
        words: The setting and its value, for a sentence.
        usual: The value to go back to.
    """

    setting: str
    words: str
    usual: Any
