import math
from dataclasses import replace

import pytest

from imgclass.errors import TrainingError, UsageError
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


def test_a_history_is_a_table_of_its_epochs_numbered_from_one():
    own = replace(HISTORY, epochs=(EPOCHS[0], replace(EPOCHS[1], metrics={"val_auc": 0.9})))
    table = own.to_frame()
    assert (table.index.name, list(table.index)) == ("epoch", [1, 2])
    assert list(table["val_accuracy"]) == [0.5, 0.7]
    assert math.isnan(table.loc[1, "val_auc"])
    assert table.loc[2, "val_auc"] == 0.9
    assert "metrics" not in table
    assert list(replace(HISTORY, epochs=()).to_frame()["loss"]) == []


def test_a_history_is_shown_in_one_line():
    assert repr(HISTORY) == "<History: 3 epochs, val accuracy 70.0 % in epoch 2, 3.5 s>"
    assert repr(replace(HISTORY, epochs=(), best_epoch=None)) == "<History: 0 epochs, 3.5 s>"
    assert len(repr(replace(HISTORY, epochs=EPOCHS * 1000))) < 100


def test_a_history_draws_its_accuracies_in_percent_and_its_losses():
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert HISTORY.plot(ax=ax) is ax
    assert ax.get_title() == "Accuracy in %"
    (val,) = (line for line in ax.lines if line.get_label() == "validation")
    assert list(val.get_ydata()) == pytest.approx([50, 70, 60])
    assert HISTORY.plot("loss", ax=Figure().add_subplot()).get_title() == "Loss"


def test_a_history_draws_into_a_figure_of_its_own_where_none_is_given(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    import matplotlib.pyplot as plt

    ax = HISTORY.plot()
    assert plt.fignum_exists(ax.figure.number)
    plt.close(ax.figure)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(UsageError, match="accuracy or loss"):
        HISTORY.plot("auc")
    with pytest.raises(UsageError, match="at least one whole epoch"):
        replace(HISTORY, epochs=(), best_epoch=None).plot()
