"""A run that ended early: its status, the reason, and what is kept."""

from imgclass.errors import ImgclassError, InterruptedRunError
from imgclass.formatting import cut, percent
from imgclass.run.directory import RunDirectory
from imgclass.run.record import Status

LONGEST = 10_000  # characters of a reason; an error of TensorFlow may include its graph


def ending_of(error: BaseException) -> tuple[Status, str]:
    """Return the status that an error gives a run, and the reason.

    Example:
        >>> ending_of(KeyboardInterrupt()), ending_of(ValueError("x is odd"))
        (('interrupted', 'Stopped by Ctrl-C.'), ('failed', 'ValueError: x is odd'))
    """
    if isinstance(error, KeyboardInterrupt | InterruptedRunError):
        return "interrupted", cut(str(error), LONGEST) or "Stopped by Ctrl-C."
    if isinstance(error, ImgclassError):
        return "failed", cut(str(error), LONGEST)
    return "failed", cut(f"{type(error).__name__}: {error}", LONGEST)


def kept_note(directory: RunDirectory) -> str:
    """Return what is kept, where, and how to resume or score it."""
    path, known = directory.path, directory.record
    advised = " and ".join(
        f"{name} {value:g}" for name, value in known.advice.items() if value is not None
    )
    go_on = f"Go on{f' with {advised}' if advised else ''}: imgclass train --resume {path}"
    if advised and known.resumptions:  # tried before; the weights may be lost
        go_on = f"{go_on}, or train again with it"
    if not directory.has_model and directory.checkpoints.has_any:
        return f"Kept in {path}: a checkpoint of the start; no epoch was completed. {go_on}"
    if not directory.has_model:
        return f"Nothing was trained yet, so nothing is kept: {path} was removed."
    if known.best_epoch is None:
        model = "the weights at the end (no epoch was completed)"
    else:
        best = directory.epochs[known.best_epoch]
        model = (
            f"the model of epoch {known.best_epoch + 1} (val accuracy {percent(best.val_accuracy)})"
        )
    what_next = (
        f"Look at it: imgclass report {path}"
        if directory.is_scored
        else f"Score it: imgclass evaluate {path}"
    )
    return f"Kept in {path}: {model}, and the history so far. {go_on}. {what_next}"
