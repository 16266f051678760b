"""When a checkpoint is written, and which place it records."""

from types import SimpleNamespace

import numpy as np
import pytest

from imgclass.training.checkpoints.folder import CheckpointFolder

pytestmark = pytest.mark.keras
STEPS = 3


@pytest.fixture
def make_saving(tmp_path, make_state, make_model):
    """The callback that saves checkpoints, with a compiled model, as during a training."""
    import keras

    from imgclass.training.best_weights import BestWeights
    from imgclass.training.checkpoints.parts import RecordedParts
    from imgclass.training.checkpoints.recorder import SaveCheckpoints
    from imgclass.training.epoch_notes import EpochClock, EpochNotes

    def make(*, every=0.0, folder=True, within_epochs=True, patience=None):
        clock, best = EpochClock(), BestWeights(patience)
        notes = EpochNotes(clock, best, None, has_averages=False)
        interrupts = SimpleNamespace(received=None)
        saving = SaveCheckpoints(
            CheckpointFolder(tmp_path / "checkpoints", every=every) if folder else None,
            make_state(),
            RecordedParts(clock, best, notes, ()),
            interrupts=interrupts,
            steps=STEPS,
            num_phases=1,
            within_epochs=within_epochs,
        )
        model = make_model()
        model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy")
        model.optimizer.build(model.trainable_variables)
        model.stop_training = False
        saving.learner = model
        for each in (clock, best, notes, saving):
            each.set_model(model)
        return saving

    return make


def names(saving):
    return sorted(path.name for path in saving.folder.path.glob("*"))


def test_the_first_is_written_before_the_first_batch(make_saving):
    saving = make_saving()
    saving.on_train_begin()
    assert names(saving) == ["0001-epoch-0"]
    found = saving.folder.newest()
    assert str(found.state.place) == "the start"
    assert {name.partition("/")[0] for name in found.arrays} == {"model", "optimizer"}


def test_within_an_epoch_one_is_written_when_it_is_time(make_saving):
    saving = make_saving(every=3600.0)
    saving.on_train_begin()
    saving.on_train_batch_end(0)
    assert names(saving) == ["0001-epoch-0"]
    saving._pace._ended -= 3600
    saving.on_train_batch_end(1)
    assert names(saving) == ["0001-epoch-0", "0002-epoch-0-batch-2"]


def test_none_is_written_at_the_last_batch_of_an_epoch(make_saving):
    saving = make_saving()
    saving.on_train_begin()
    saving.on_train_batch_end(STEPS - 1)
    assert names(saving) == ["0001-epoch-0"]
    saving.on_epoch_end(0)
    assert names(saving) == ["0001-epoch-0", "0002-epoch-1"]


def test_after_short_epochs_one_is_written_only_when_it_is_due(make_saving):
    saving = make_saving(every=3600.0)
    saving.on_train_begin()
    saving._pace._took = 60.0  # as long as a slow disk
    saving.on_epoch_end(0)
    assert names(saving) == ["0001-epoch-0"]
    assert saving.place.epoch == 1
    saving._pace._ended -= 20 * 60
    saving.on_epoch_end(1)
    assert names(saving) == ["0001-epoch-0", "0002-epoch-2"]


def test_the_last_epoch_is_written_even_if_none_is_due(make_saving):
    saving = make_saving(every=3600.0)
    saving.on_train_begin()
    saving._pace._took = 60.0
    saving.on_epoch_end(saving.place.phase_end - 1)
    assert saving.folder.newest().state.place.is_over


def test_one_is_written_when_a_signal_came(make_saving):
    saving = make_saving(every=3600.0)
    saving.on_train_begin()
    saving.interrupts.received = 2
    saving.on_train_batch_end(0)
    assert str(saving.folder.newest().state.place) == "epoch 1, batch 1"


def test_none_is_written_within_an_epoch_if_it_could_not_be_resumed(make_saving):
    saving = make_saving(within_epochs=False)
    saving.on_train_begin()
    saving.interrupts.received = 2
    saving.on_train_batch_end(0)
    assert names(saving) == ["0001-epoch-0"]


def test_weights_that_are_nan_are_never_written_within_an_epoch(make_saving):  # K7
    saving = make_saving()
    saving.on_train_begin()
    saving.model.set_weights([weight * np.nan for weight in saving.model.get_weights()])
    saving.on_train_batch_end(0)
    assert names(saving) == ["0001-epoch-0"]


def test_the_last_epoch_is_the_end(make_saving):
    saving = make_saving()
    saving.on_train_begin()
    for epoch in range(4):
        saving.on_epoch_end(epoch)
        assert saving.folder.newest().state.place.is_over is (epoch == 3)


def test_a_callback_ends_the_training_and_patience_a_phase(make_saving):
    saving = make_saving()
    saving.on_train_begin()
    saving.model.stop_training = True
    saving.on_epoch_end(1)
    place = saving.folder.newest().state.place
    assert (place.is_phase_over, place.is_over) == (True, True)
    stalled = make_saving(patience=1)
    stalled.num_phases = 2
    stalled.parts.best.is_stalled = True
    stalled.on_epoch_end(1)
    assert (stalled.place.is_phase_over, stalled.place.is_over) == (True, False)


def test_the_place_is_known_without_a_folder(make_saving):
    saving = make_saving(folder=False)
    saving.on_train_begin()
    saving.on_train_batch_end(0)
    saving.on_epoch_end(0)
    assert str(saving.place) == "epoch 1"


def test_the_best_weights_are_written_only_if_they_differ(make_saving):
    saving = make_saving()
    saving.on_train_begin()
    weights = saving.model.get_weights()
    saving.parts.best.keep([weights[0] + 1, *weights[1:]])
    saving.on_epoch_end(0)
    arrays = saving.folder.newest().arrays
    assert [name for name in arrays if name.startswith("best/")] == ["best/0"]
    np.testing.assert_array_equal(arrays["best/0"], weights[0] + 1)
