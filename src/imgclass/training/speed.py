"""Speed: the seconds that one phase of a training takes, by image."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds that a phase of a training takes on this machine, as measured.

    Attributes:
        frozen: Of an image through the frozen layers, once; 0 if nothing is frozen.
        step: Of an image in a training step of the other layers.
        scoring: Of an image's prediction by the other layers.
        start: Until all three have been done once, most of it for compiling.

    Example:
        >>> Speed(frozen=0.01, step=0.002, scoring=0.001, start=3.0).at(2.0).frozen
        0.02
    """

    frozen: float
    step: float
    scoring: float
    start: float

    def at(self, ratio: float) -> "Speed":
        """Return the speed for images of `ratio` times as many pixels."""
        return Speed(self.frozen * ratio, self.step * ratio, self.scoring * ratio, self.start)
