"""Whether a training was still getting better in its last epochs."""

from dataclasses import dataclass
from math import isnan, sqrt

from imgclass.diagnosis.evidence import Evidence, Gap
from imgclass.statistics import Interval, difference_interval
from imgclass.training.history import Epoch

WINDOW = 5  # last epochs that are read

# One-sided 95 % points of Student's t by degrees of freedom (epochs less 2). A line through 3
# epochs is no evidence: its point is 6.3.
T_95 = {2: 2.920, 3: 2.353}

# A smaller fall of the val loss, as a share, is not worth an experiment.
LEAST_FALL = 0.02

ANNEALED = 0.1  # an annealed learning rate ends below this share of its peak


@dataclass(frozen=True, slots=True)
class Trend:
    """What the last epochs of a training show.

    Attributes:
        epochs: How many were read.
        first: Val accuracy after the first of them, in 0-1.
        last: Val accuracy after the last of them, in 0-1.
        rise: The difference. Its interval is that of two independent sets of images; as they are
            the same, it is too wide rather than too narrow.
        loss_fall: Fall of the val loss along a fitted line, as a share of its mean.
        is_loss_falling: Whether that line falls, at 95 % confidence, by a share worth having.
        is_annealed: Whether the learning rate had come down by the end; None if unknown.
    """

    epochs: int
    first: float
    last: float
    rise: Gap
    loss_fall: float
    is_loss_falling: bool
    is_annealed: bool | None

    @property
    def is_improving(self) -> bool:
        """Whether accuracy or loss were getting better, beyond noise."""
        return self.rise.is_above(0) or self.is_loss_falling


def read_trend(evidence: Evidence) -> Trend | None:
    """Return the trend at the end of the history; None if fewer than two epochs were validated.

    Of two phases only the last is read: it has its own learning rate, and what the unfrozen layers
    brought at once is no trend.
    """
    history, n = evidence.history, evidence.val.n if evidence.val else None
    epochs = history.epochs[history.last_phase :]
    window = [epoch for epoch in epochs[-WINDOW:] if 0 <= epoch.val_accuracy <= 1]
    if len(window) <= 1:
        return None
    first, last = window[0].val_accuracy, window[-1].val_accuracy
    losses = [epoch.val_loss for epoch in window]
    slope, error = _line(losses)
    fall = -slope * (len(losses) - 1) * len(losses) / (sum(losses) or 1.0)
    t = T_95.get(len(losses) - 2)
    return Trend(
        epochs=len(window),
        first=first,
        last=last,
        rise=Gap(last - first, _rise_interval(first, last, n)),
        loss_fall=fall,
        is_loss_falling=t is not None and slope < -t * error and fall >= LEAST_FALL,
        is_annealed=_is_annealed(epochs),
    )


def _rise_interval(first: float, last: float, n: int | None) -> Interval:
    """Return the interval of a rise; if `n` is unknown any rise may be chance."""
    return (-1.0, 1.0) if n is None else difference_interval((last * n, n), (first * n, n))


def _line(values: list[float]) -> tuple[float, float]:
    """Return slope and standard error of the least-squares line; values are equally spaced."""
    n = len(values)
    centre, mean = (n - 1) / 2, sum(values) / n
    spread = sum((i - centre) ** 2 for i in range(n))
    slope = sum((i - centre) * value for i, value in enumerate(values)) / spread
    residuals = (value - mean - slope * (i - centre) for i, value in enumerate(values))
    freedom = max(1, n - 2)
    return slope, sqrt(sum(r * r for r in residuals) / freedom / spread)


def _is_annealed(epochs: tuple[Epoch, ...]) -> bool | None:
    rates = [epoch.learning_rate for epoch in epochs]
    return None if any(map(isnan, rates)) else rates[-1] < ANNEALED * max(rates)
