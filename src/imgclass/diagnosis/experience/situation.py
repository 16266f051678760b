"""A situation: what is known of a training before something is changed, as plain numbers."""

from dataclasses import asdict, dataclass
from math import inf, isfinite

from imgclass.diagnosis.changes import augmentation_of
from imgclass.diagnosis.evidence import Evidence
from imgclass.diagnosis.ladders import strength
from imgclass.diagnosis.trend import read_trend
from imgclass.errors import UsageError
from imgclass.evaluation import Score

RANDOM = "random"  # weights that were not learned


@dataclass(frozen=True, slots=True)
class Situation:
    """A training as the numbers by which it is found similar to another.

    Attributes:
        n_train: Training images.
        n_val: Validation images.
        classes: Number of classes.
        pixels: Height times width of the images.
        pretrained: Whether the network began with learned weights.
        depth: Stages or layers of the network; 0 if it has no such knob.
        width: Filters or units of the first; 0 if it has no such knob.
        epochs: That were trained.
        dropout: Share of units, in 0-1.
        l2: Penalty on the kernels.
        augmentation: 0 for none, 1 for `strong`.
        train: Accuracy of a clean pass over the training images, in 0-1.
        val: Accuracy on the validation images, in 0-1.
        rise: Of the val accuracy over the last epochs, in -1 to 1.

    Raises:
        UsageError: There are no images or no classes, or a number is negative or not finite.
    """

    n_train: int
    n_val: int
    classes: int
    pixels: int
    pretrained: bool
    depth: int
    width: int
    epochs: int
    dropout: float
    l2: float
    augmentation: float
    train: float
    val: float
    rise: float

    def __post_init__(self) -> None:
        numbers = asdict(self)
        rise = numbers.pop("rise")
        counts = min(self.n_train, self.n_val, self.classes)
        if not (counts >= 1 and isfinite(rise) and all(0 <= x < inf for x in numbers.values())):
            raise UsageError(
                f"Expected images, classes, and finite numbers that are not negative; received "
                f"{self}."
            )


def situation_of(evidence: Evidence) -> Situation | None:
    """Return what is known of a training; None if the experiment or a score is not known."""
    experiment, train, val = evidence.experiment, evidence.train, evidence.val
    if experiment is None or not isinstance(train, Score) or not isinstance(val, Score):
        return None
    spec, trend = experiment.spec, read_trend(evidence)
    height, width = spec.image_size or (0, 0)
    return Situation(
        n_train=train.n,
        n_val=val.n,
        classes=len(val.class_names),
        pixels=height * width,
        pretrained=spec.weights not in (None, RANDOM),
        depth=spec.depth or 0,
        width=spec.width or 0,
        epochs=len(evidence.history.epochs),
        dropout=spec.dropout,
        l2=spec.l2,
        augmentation=round(strength(augmentation_of(experiment)), 3),
        train=round(train.accuracy, 4),
        val=round(val.accuracy, 4),
        rise=round(trend.rise.value, 4) if trend else 0.0,
    )
