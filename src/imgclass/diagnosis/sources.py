"""What can be diagnosed: a run, an evaluation, a history of ours or Keras's, or accuracies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import nan
from typing import Any, Protocol, TypedDict, runtime_checkable

from typing_extensions import Unpack

from imgclass.data.manifest import Manifest
from imgclass.diagnosis.evidence import Evidence, MeasuredAccuracy
from imgclass.errors import UsageError
from imgclass.evaluation import Evaluation, Score
from imgclass.experiment import Experiment
from imgclass.training.history import Epoch, History

# Keras's names, depending on how the metric was given.
ACCURACIES = (
    "accuracy",
    "acc",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
    "binary_accuracy",
)
RATES = ("learning_rate", "lr")

Logs = Mapping[str, Sequence[float]]


@runtime_checkable
class RunLike(Protocol):
    """What is read of a run; `imgclass.Run` itself is defined above the Diagnoser."""

    @property
    def experiment(self) -> Experiment:
        """What was run."""
        ...

    @property
    def history(self) -> History:
        """What happened, epoch by epoch."""
        ...

    @property
    def manifest(self) -> Manifest:
        """Which images, classes and splits."""
        ...

    @property
    def kept_evaluation(self) -> Evaluation | None:
        """The scores; None if there are none."""
        ...

    @property
    def small_sample(self) -> MeasuredAccuracy | None:
        """What the network learned of a few images alone; None if that was not tried."""
        ...


class Known(TypedDict, total=False):
    """Accuracies in 0-1, and numbers of images, that are known without a run.

    `train` and `val` are those of clean passes; `train_dev` is of images like the training images
    that were not learned from; `test` only tells whether choosing by val went too far;
    `history_train` is what `fit` printed.
    """

    train: float | None
    val: float | None
    n_train: int | None
    n_val: int | None
    train_dev: float | None
    test: float | None
    history_train: float | None


def evidence_of(source: object = None, **known: Unpack[Known]) -> Evidence:
    """Return what a source says; what is known beside it replaces its own."""
    given: dict[str, Any] = {k: v for k, v in known.items() if v is not None}
    if source is None and not given.keys() - {"n_train", "n_val"}:
        raise UsageError(
            "Expected a run, an evaluation, a history, or accuracies; received none of them. For "
            "example: imgclass.diagnose(train=0.95, val=0.81, n_val=2500)."
        )
    evidence = _read(source)
    others: dict[str, Any] = {
        name: MeasuredAccuracy(given[name]) for name in ("train_dev", "test") if name in given
    }
    if "history_train" in given:
        others["history_train"] = MeasuredAccuracy(given["history_train"]).accuracy
    return replace(
        evidence,
        train=_completed("train", evidence.train, known.get("train"), known.get("n_train")),
        val=_completed("val", evidence.val, known.get("val"), known.get("n_val")),
        **others,
    )


def final_epoch(history: History) -> Epoch | None:
    """Return the epoch whose weights the model has; the last one if none was kept."""
    if history.best_epoch is not None:
        return history.best
    return history.epochs[-1] if history.epochs else None


def printed_accuracy(evidence: Evidence) -> float | None:
    """Return the train accuracy that `fit` printed for the final weights, if it is known.

    It is a running average with dropout and augmentation on: no gap is judged by it.
    """
    if evidence.history_train is not None:
        return evidence.history_train
    epoch = final_epoch(evidence.history)
    return epoch.accuracy if epoch is not None and 0 <= epoch.accuracy <= 1 else None


def _read(source: object) -> Evidence:
    if source is None or isinstance(source, Evidence):
        return source or Evidence()
    if isinstance(source, Evaluation):
        return Evidence(
            train=source.train,
            val=source.val,
            predictions=source.predictions,
            probabilities=source.probabilities,
            constant=source.constant,
            mirror_images=source.mirror_images,
        )
    if isinstance(source, History):
        return Evidence(history=source, val=_val_of(source))
    if isinstance(source, RunLike):
        return _of_run(source)
    logs = getattr(source, "history", source)  # of a keras.callbacks.History
    if isinstance(logs, Mapping):
        return _of_logs(logs)
    raise UsageError(
        f"Expected a run, an evaluation, a history (of imgclass or Keras) or Evidence; received "
        f"{type(source).__name__}. Load a run from disk by imgclass.Run.load(path)."
    )


def _of_run(run: RunLike) -> Evidence:
    if run.kept_evaluation is not None:
        scores = run.kept_evaluation
        return Evidence(
            run.experiment,
            run.history,
            scores.train,
            scores.val,
            manifest=run.manifest,
            predictions=scores.predictions,
            probabilities=scores.probabilities,
            constant=scores.constant,
            mirror_images=scores.mirror_images,
            small_sample=run.small_sample,
        )
    return Evidence(
        run.experiment,
        run.history,
        val=_val_of(run.history, n=run.manifest.counts.get("val")),
        manifest=run.manifest,
    )


def _of_logs(logs: Logs) -> Evidence:
    """Read `History.history` of Keras: for each name a number an epoch."""
    named = [*ACCURACIES, *(name for name in logs if str(name).endswith(("accuracy", "acc")))]
    plain = (name.removeprefix("val_") for name in map(str, named))
    accuracy = next((n for n in plain if n in logs or f"val_{n}" in logs), "accuracy")
    rate = next((name for name in RATES if name in logs), RATES[0])
    names = ("loss", accuracy, "val_loss", f"val_{accuracy}", rate)  # as the fields of an Epoch
    columns = [_numbers(logs, name) for name in names]
    losses, _, val_losses, val_accuracies, _ = columns
    if not any(columns):
        raise UsageError(
            f"Expected the history of a training, with loss or accuracy; received "
            f"{', '.join(map(repr, logs)) or 'an empty one'}."
        )
    # Lists of several lengths (validation in every second epoch) or without losses tell only the
    # last accuracy.
    if (
        len({len(numbers) for numbers in columns if numbers}) > 1
        or not losses
        or (val_accuracies and not val_losses)
    ):
        return Evidence(val=_measured(val_accuracies[-1]) if val_accuracies else None)
    n = len(losses)
    columns = [numbers or [nan] * n for numbers in columns]
    epochs = tuple(map(Epoch, *columns, [nan] * n))
    # The weights are those of the last epoch, unless a callback restored others.
    history = History(epochs, best_epoch=n - 1, stopped_early=False, seconds=nan)
    return Evidence(history=history, val=_val_of(history))


def _numbers(logs: Logs, name: str) -> list[float]:
    try:
        return [float(number) for number in logs.get(name, ())]
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"Expected one number an epoch as {name!r} of the history; {error}."
        ) from error


def _val_of(history: History, *, n: int | None = None) -> MeasuredAccuracy | None:
    epoch = final_epoch(history)
    return None if epoch is None else _measured(epoch.val_accuracy, n=n, loss=epoch.val_loss)


def _measured(accuracy: float, **known: Any) -> MeasuredAccuracy | None:
    return MeasuredAccuracy(accuracy, **known) if 0 <= accuracy <= 1 else None


def _completed(
    split: str, known: Score | MeasuredAccuracy | None, share: float | None, n: int | None
) -> Score | MeasuredAccuracy | None:
    if share is not None:
        return MeasuredAccuracy(share, n)
    if n is None:
        return known
    if isinstance(known, MeasuredAccuracy):
        return replace(known, n=n)
    has = "an evaluation, which knows its images" if known else "no such accuracy"
    raise UsageError(f"Expected n_{split}={n} beside {split}=; received {has}.")
