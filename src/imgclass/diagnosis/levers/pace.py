"""The pace of a training: its epochs, its learning rate and how that comes down, its arithmetic."""

from math import isfinite

from imgclass.diagnosis.changes import recommend, with_setting, with_training
from imgclass.diagnosis.diagnosis import Recommendation
from imgclass.diagnosis.levers.lever import Lever, name_of
from imgclass.experiment import Experiment
from imgclass.training.history import History
from imgclass.training.keras_object import KerasObject

TWICE = 2

# The long schedules on CIFAR-10: 164 (He et al., *Deep Residual Learning*, 2015) and 200
# (Zagoruyko and Komodakis, *Wide Residual Networks*, 2016).
MOST_EPOCHS = 200

# Rates are searched by factors of ten; below the lowest a network hardly moves (Bengio, *Practical
# Recommendations for Gradient-Based Training of Deep Architectures*, 2012).
RATE_STEP = 10
LOWEST_RATE = 1e-6


def train_longer(experiment: Experiment, history: History) -> Recommendation | None:
    """Double the epochs and the schedule, unless patience ended the training."""
    epochs = experiment.training.epochs or len(history.epochs)
    if history.stopped_early or not 0 < epochs < MOST_EPOCHS:
        return None
    reason = "More steps at every learning rate. Train from the start: the schedule stretches, too."
    return with_training(experiment, reason, epochs=min(TWICE * epochs, MOST_EPOCHS))


def anneal(experiment: Experiment, _: History) -> Recommendation | None:
    """Let the learning rate come down in the end."""
    if experiment.training.schedule == "one_cycle":
        return None
    # Li, Yumer and Ramanan, *Budgeted Training*, 2020: at any number of epochs.
    reason = "Small steps at the end settle where large ones wander."
    return with_training(experiment, reason, schedule="one_cycle")


def train_as_usual(epochs: int) -> Lever:
    """Return the lever that trains for the usual number of epochs."""

    def lever(experiment: Experiment, _: History) -> Recommendation | None:
        reason = f"So many images usually take {epochs} epochs. Nothing else can be judged before."
        return with_training(experiment, reason, epochs=epochs)

    lever.__name__ = train_as_usual.__name__
    return lever


def for_usual_epochs(lever: Lever, epochs: int) -> Lever:
    """Return a lever that also trains for the usual number of epochs."""

    def longer(experiment: Experiment, history: History) -> Recommendation | None:
        change = lever(experiment, history)
        if change is None:
            return None
        after = with_setting(change.experiment, "epochs", epochs)
        reason = f"{change.reason} And so many images usually take {epochs} epochs."
        return recommend(experiment, reason, after)

    longer.__name__ = f"{name_of(lever)}_for_usual_epochs"
    return longer


def measure_rate(experiment: Experiment, _: History) -> Recommendation | None:
    """Let a range test find the learning rate, in one step instead of several guesses."""
    training = experiment.training
    if training.find_rate or isinstance(training.optimizer, KerasObject):
        return None
    # Smith, *Cyclical Learning Rates for Training Neural Networks*, 2017.
    reason = "The rate is measured before the training, by a few steps at growing rates."
    return with_training(experiment, reason, find_rate=True, learning_rate=None)


def lower_learning_rate(experiment: Experiment, history: History) -> Recommendation | None:
    """Divide the learning rate by ten."""
    rate = _learning_rate(experiment, history)
    if rate is None or rate / RATE_STEP < LOWEST_RATE:
        return None
    reason = "Too large a step overshoots and diverges; it is the most frequent cause of this."
    return _with_rate(experiment, reason, rate / RATE_STEP)


def leave_float16(experiment: Experiment, _: History) -> Recommendation | None:
    """Compute in float32 where float16 may have overflowed."""
    if experiment.training.precision != "mixed_float16":
        return None
    reason = "float16 ends at 65,504; a larger value becomes infinite."
    return with_training(experiment, reason, precision="float32")


def _learning_rate(experiment: Experiment, history: History) -> float | None:
    """Return the peak learning rate, from the recipe or else from the history."""
    training = experiment.training
    asked = training.learning_rate
    if isinstance(training.optimizer, KerasObject):
        asked = training.optimizer.learning_rate
    if asked:
        return asked
    seen = (epoch.learning_rate for epoch in history.epochs)
    return max((rate for rate in seen if isfinite(rate) and rate > 0), default=None)


def _with_rate(experiment: Experiment, reason: str, rate: float) -> Recommendation:
    """Recommend another learning rate; a user's own optimizer holds it itself."""
    rounded, optimizer = float(f"{rate:.3g}"), experiment.training.optimizer
    if isinstance(optimizer, KerasObject):
        return with_training(experiment, reason, optimizer=optimizer.at_rate(rounded))
    return with_training(experiment, reason, learning_rate=rounded)
