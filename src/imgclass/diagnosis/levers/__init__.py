"""Levers: each changes one thing of an experiment by one step, or returns None at its end.

One at a time, so that the next run says whether it helped. Two things change at once only where one
needs the other, as more augmentation needs more epochs.
"""

from imgclass.diagnosis.levers.advice import advise
from imgclass.diagnosis.levers.balance import sample_evenly, weigh_classes
from imgclass.diagnosis.levers.lever import Lever, name_of
from imgclass.diagnosis.levers.pace import (
    anneal,
    for_usual_epochs,
    leave_float16,
    lower_learning_rate,
    measure_rate,
    train_as_usual,
    train_longer,
)
from imgclass.diagnosis.levers.regularizers import (
    augment_less,
    augment_more,
    augment_more_for_longer,
    drop_less,
    drop_more,
    penalize_less,
    penalize_more,
    regularize,
    restore_usual,
)
from imgclass.diagnosis.levers.size import deepen, is_small, unfreeze, usual_size, widen

__all__ = [
    "Lever",
    "advise",
    "anneal",
    "augment_less",
    "augment_more",
    "augment_more_for_longer",
    "deepen",
    "drop_less",
    "drop_more",
    "for_usual_epochs",
    "is_small",
    "leave_float16",
    "lower_learning_rate",
    "measure_rate",
    "name_of",
    "penalize_less",
    "penalize_more",
    "regularize",
    "restore_usual",
    "sample_evenly",
    "train_as_usual",
    "train_longer",
    "unfreeze",
    "usual_size",
    "weigh_classes",
    "widen",
]
