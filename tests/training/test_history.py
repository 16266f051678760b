import math
from dataclasses import replace

import pytest

from imgclass.errors import TrainingError
from imgclass.serialization import from_plain, to_plain
from imgclass.training.history import Epoch, History

EPOCHS = tuple(Epoch(1.0, 0.5, 1.0, accuracy, 1e-3, 1.0) for accuracy in (0.5, 0.7, 0.6))
HISTORY = History(epochs=EPOCHS, best_epoch=1, stopped_early=True, seconds=3.5)


def test_the_best_epoch_is_the_one_whose_weights_were_kept():
    assert HISTORY.best is EPOCHS[1]


def test_without_a_whole_epoch_there_is_no_best_one():
    with pytest.raises(TrainingError, match="none was whole"):
        _ = replace(HISTORY, epochs=(), best_epoch=None).best


def test_the_last_phase_begins_where_its_first_epoch_stands():
    two = (replace(EPOCHS[0], phase=1), *(replace(epoch, phase=2) for epoch in EPOCHS[1:]))
    assert HISTORY.last_phase == 0
    assert replace(HISTORY, epochs=two).last_phase == 1
    assert replace(HISTORY, epochs=()).last_phase == 0


def test_what_an_epoch_does_not_know_is_nan():
    assert math.isnan(EPOCHS[0].objective)
    assert math.isnan(EPOCHS[0].val_objective)
    assert EPOCHS[0].metrics == {}


def test_an_epoch_with_metrics_has_a_hash_and_survives_json():
    epoch = replace(EPOCHS[0], objective=1.5, val_objective=1.6, metrics={"val_auc": 0.9})
    assert isinstance(hash(epoch), int)
    assert from_plain(Epoch, to_plain(epoch)) == epoch
