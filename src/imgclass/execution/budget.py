"""Budget: the time that a whole run may take, and the text that says it."""

import re
import time
from dataclasses import dataclass, field

from imgclass.checks import number
from imgclass.errors import UsageError
from imgclass.formatting import shown_value
from imgclass.validation import checked

SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_TEXT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([smh]?)")


@dataclass(frozen=True, slots=True)
class Budget:
    """The time that a run may take, from reading the data to the report.

    Attributes:
        seconds: Above 0.
        began: When they began to count, on the clock of `time.monotonic`; now by default.

    Example:
        >>> Budget(60.0, began=100.0).ends
        160.0
        >>> Budget(-1)
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected budget to be a finite number > 0; received
        budget=-1.
    """

    seconds: float
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        object.__setattr__(self, "seconds", checked("budget", self.seconds, number(above=0)))

    @property
    def ends(self) -> float:
        """When it is used up, on the same clock."""
        return self.began + self.seconds

    @property
    def left(self) -> float:
        """Seconds that are left now."""
        return self.ends - time.monotonic()


def read_seconds(text: str) -> float:
    """Return the seconds that a text such as `90s`, `10m`, `1.5h` or `90` says.

    Example:
        >>> [read_seconds(text) for text in ("90s", "10m", "1.5h", "90")]
        [90.0, 600.0, 5400.0, 90.0]
        >>> read_seconds("ten minutes")
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected --budget as a time such as 90s, 10m or 1.5h, ...
    """
    found = _TEXT.fullmatch(text.strip().lower())
    seconds = float(found[1]) * SECONDS[found[2]] if found else 0.0
    if not seconds:
        raise UsageError(
            f"Expected --budget as a time such as 90s, 10m or 1.5h, or as a number of seconds "
            f"above 0; received {shown_value(text)}."
        )
    return seconds
