import math
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest

from imgclass import Trainer, TrainingConfig
from imgclass.errors import (
    DatasetError,
    InterruptedRunError,
    MachineError,
    TerminatedError,
    TrainingError,
    UsageError,
)

pytestmark = pytest.mark.keras

# Tracing a step of the default optimizer takes three times as long as one of this.
QUICK = TrainingConfig(epochs=1, precision="float32", optimizer="sgd")


def trainer(**changes):
    return Trainer(replace(QUICK, **changes), progress=False)


def test_a_model_learns_what_can_be_learned(make_flows, make_model):
    history = trainer(epochs=8, optimizer="muon", learning_rate=0.01).fit(
        make_model(), make_flows()
    )
    assert history.epochs[-1].loss < history.epochs[0].loss
    assert history.best.val_accuracy == 1.0


def test_the_model_ends_with_the_weights_of_its_best_epoch(make_flows, make_model):
    flows, model = make_flows(), make_model()
    config = {"epochs": 4, "optimizer": "muon", "learning_rate": 0.3, "schedule": "constant"}
    history = trainer(**config).fit(model, flows)
    right = [
        (model.predict_on_batch(images).argmax(1) == labels.argmax(1))
        for images, labels in (flows.val[i] for i in range(len(flows.val)))
    ]
    assert np.concatenate(right).mean() == pytest.approx(history.best.val_accuracy)
    assert history.best.val_accuracy == max(epoch.val_accuracy for epoch in history.epochs)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "muon"])
def test_a_training_of_one_step_changes_the_weights(make_flows, make_model, optimizer):  # R16
    model = make_model()
    before = model.get_weights()
    trainer(optimizer=optimizer).fit(model, make_flows(train=8))
    assert not same(before, model.get_weights())


def test_patience_ends_a_training_that_does_not_improve(make_flows, make_model):
    # At such a rate it gets worse.
    config = {"epochs": 60, "patience": 2, "learning_rate": 10.0, "schedule": "constant"}
    history = trainer(optimizer="muon", **config).fit(make_model(), make_flows())
    assert history.stopped_early
    assert len(history.epochs) == history.best_epoch + 1 + 2


def test_every_epoch_starts_the_flow(make_flows, make_model):
    flows = make_flows()
    trainer(epochs=3).fit(make_model(), flows)
    assert flows.train_augmented.started == [0, 1, 2]


def test_the_same_seed_gives_the_same_history(make_flows, make_model):
    losses = [
        [epoch.loss for epoch in trainer(epochs=2).fit(make_model(), make_flows()).epochs]
        for _ in range(2)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_the_error_of_an_unreadable_image_is_not_wrapped(
    make_flows, make_model, tmp_path, monkeypatch
):
    from imgclass.flows.cached import CachedFlow

    def unreadable(_, index):
        raise DatasetError(f"batch {index}: 1.png is damaged")

    monkeypatch.setattr(CachedFlow, "batch", unreadable)
    images, labels = np.zeros((4, 8, 8, 3), np.uint8), np.array([0, 1, 0, 1])
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    flow = CachedFlow(images, labels, paths=paths, num_classes=2, batch_size=2)
    with pytest.raises(DatasetError, match=r"1\.png is damaged"):
        trainer().fit(make_model(), replace(make_flows(), train_augmented=flow))


def test_an_empty_flow_is_refused(make_flows, make_model):
    with pytest.raises(TrainingError, match=r"at least one batch in flows\.train_augmented"):
        trainer().fit(make_model(), make_flows(train=0))


@pytest.mark.parametrize("knobs", [{"num_classes": 3}, {"size": (9, 8)}])
def test_a_model_that_does_not_match_the_flows_is_refused(make_flows, make_model, knobs):
    with pytest.raises(TrainingError, match=r"Expected a model from images of \(8, 8, 3\)"):
        trainer().fit(make_model(**knobs), make_flows())


def test_an_object_that_is_no_flow_is_refused_with_what_a_flow_needs(make_flows, make_model):  # R23
    import tensorflow as tf

    flows = make_flows()
    images, labels = flows.train_augmented[0]
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(4)
    for name in ("train_augmented", "val"):
        with pytest.raises(UsageError, match=rf"flows\.{name} to be a keras.*BatchDataset without"):
            trainer().fit(make_model(), replace(flows, **{name: dataset}))


class Watch:
    """Keeps the epochs, and the weights if they are the best so far."""

    def __init__(self):
        self.epochs, self.best = [], []

    def ready(self):
        assert not self.epochs

    def epoch_ended(self, epoch, best):
        self.epochs.append(epoch)
        self.best.append(best and best.get_weights())


def same(weights, others):
    return all((a == b).all() for a, b in zip(weights, others, strict=True))


def test_the_watch_is_told_of_every_epoch_and_given_the_best_model(make_flows, make_model):
    watch, model = Watch(), make_model()
    config = {"epochs": 4, "optimizer": "muon", "learning_rate": 0.3}
    history = trainer(**config).fit(model, make_flows(), watch=watch)
    assert tuple(watch.epochs) == history.epochs
    assert watch.best[0] is not None
    assert same([best for best in watch.best if best][-1], model.get_weights())


def test_an_error_of_the_watch_ends_the_training(make_flows, make_model):
    class Full(Watch):
        def epoch_ended(self, epoch, best):
            super().epoch_ended(epoch, best)
            if len(self.epochs) == 2:
                raise MachineError("The disk is full.")

    watch, model = Full(), make_model()
    with pytest.raises(MachineError, match="The disk is full"):
        trainer(epochs=4).fit(model, make_flows(), watch=watch)
    assert len(watch.epochs) == 2
    assert same([best for best in watch.best if best][-1], model.get_weights())


def test_if_accuracies_are_equal_the_lower_val_loss_is_better(make_flows, make_model):
    history = trainer(epochs=12, optimizer="muon", learning_rate=0.01).fit(
        make_model(), make_flows()
    )
    top = max(epoch.val_accuracy for epoch in history.epochs)
    tied = [epoch for epoch in history.epochs if epoch.val_accuracy == top]
    assert len(tied) > 1
    assert history.best.val_loss == min(epoch.val_loss for epoch in tied)


def test_the_loss_is_the_plain_cross_entropy_and_the_objective_what_is_minimised(
    make_flows, make_model
):
    flows, model = make_flows(), make_model(l2=0.01)
    history = trainer(label_smoothing=0.2, learning_rate=0.01).fit(model, flows)
    (epoch,) = history.epochs
    picked = [
        (np.asarray(model.predict_on_batch(images)) * labels).sum(axis=1)
        for images, labels in (flows.val[i] for i in range(len(flows.val)))
    ]
    assert epoch.val_loss == pytest.approx(-np.log(np.concatenate(picked)).mean(), rel=1e-4)
    assert epoch.val_objective > epoch.val_loss
    assert epoch.objective > epoch.loss


def test_the_users_metrics_are_in_every_epoch(make_flows, make_model):
    history = trainer(metrics=["auc", "recall"]).fit(make_model(), make_flows())
    assert set(history.best.metrics) == {"auc", "recall", "val_auc", "val_recall"}
    assert all(0 <= value <= 1 for value in history.best.metrics.values())


# Signals


def signalling(number, *, epoch, batch, times=1):
    """A callback that sends this process a signal in the middle of a training."""
    import keras

    def begin(at, logs):
        del logs
        if callback.seen == epoch and at == batch:
            for _ in range(times):
                signal.raise_signal(number)

    def remember(at, logs):
        del logs
        callback.seen = at

    callback = keras.callbacks.LambdaCallback(on_epoch_begin=remember, on_train_batch_begin=begin)
    return callback


def interrupted(model, flows, callback, *, error, watch=None, **changes):
    config = replace(QUICK, epochs=3, **changes)
    with pytest.raises(error) as raised:
        Trainer(config, callbacks=callback, progress=False).fit(model, flows, watch=watch)
    return raised.value


@pytest.mark.parametrize(
    ("number", "error"),
    [(signal.SIGINT, InterruptedRunError), (signal.SIGTERM, TerminatedError)],
)
def test_a_signal_ends_the_training_after_the_batch_with_the_best_weights(  # R8
    make_flows, make_model, number, error
):
    model, watch = make_model(), Watch()
    callback = signalling(number, epoch=1, batch=2)
    raised = interrupted(model, make_flows(), callback, error=error, watch=watch)
    assert "in epoch 2, after batch 3" in str(raised)
    assert len(watch.epochs) == 1
    assert same(watch.best[0], model.get_weights())
    assert signal.getsignal(number) in {signal.default_int_handler, signal.SIG_DFL}


def test_ctrl_c_before_the_first_complete_epoch_leaves_the_current_weights(make_flows, make_model):
    model = make_model()
    before = model.get_weights()
    callback = signalling(signal.SIGINT, epoch=0, batch=1)
    raised = interrupted(model, make_flows(), callback, error=InterruptedRunError)
    assert "in epoch 1, after batch 2" in str(raised)
    assert not same(before, model.get_weights())


def test_a_second_ctrl_c_ends_the_training_at_once_with_the_best_weights(make_flows, make_model):
    model, watch = make_model(), Watch()
    callback = signalling(signal.SIGINT, epoch=1, batch=2, times=2)
    interrupted(model, make_flows(), callback, error=KeyboardInterrupt, watch=watch)
    assert same(watch.best[0], model.get_weights())


def test_ctrl_c_after_the_last_batch_is_not_lost(make_flows, make_model):
    import keras

    callback = keras.callbacks.LambdaCallback(
        on_train_end=lambda _: signal.raise_signal(signal.SIGINT)
    )
    raised = interrupted(make_model(), make_flows(), callback, error=InterruptedRunError)
    assert str(raised) == "Stopped by Ctrl-C."


def test_ctrl_c_in_the_validation_ends_the_training_too(make_flows, make_model):
    import keras

    class Press(keras.callbacks.Callback):
        def on_test_begin(self, logs=None):
            del logs
            signal.raise_signal(signal.SIGINT)

    callback = Press()
    raised = interrupted(make_model(), make_flows(), callback, error=InterruptedRunError)
    assert "in the validation of epoch 1" in str(raised)


def test_training_works_in_another_thread(make_flows, make_model):
    flows, model, seen = make_flows(), make_model(), []
    thread = threading.Thread(target=lambda: seen.append(trainer().fit(model, flows)))
    thread.start()
    thread.join()
    assert math.isfinite(seen[0].best.val_loss)


def test_a_lack_of_memory_gives_advice(make_flows, make_model):
    import keras

    def lack(epoch, logs):
        del epoch, logs
        raise MemoryError

    callback = keras.callbacks.LambdaCallback(on_epoch_begin=lack)
    raised = interrupted(make_model(), make_flows(), callback, error=MachineError)
    assert "--batch-size 4" in str(raised)


def test_a_failure_of_an_earlier_training_is_not_raised_again(make_flows, make_model):
    flows = make_flows()
    flows.train_augmented.failure = DatasetError("1.png was damaged and has been mended")
    callback = signalling(signal.SIGINT, epoch=0, batch=1)
    interrupted(make_model(), flows, callback, error=InterruptedRunError)


def test_callbacks_of_the_user_are_called(make_flows, make_model):
    import keras

    seen = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _: seen.append(epoch))
    Trainer(replace(QUICK, epochs=2), callbacks=[callback], progress=False).fit(
        make_model(), make_flows()
    )
    assert seen == [0, 1]


def test_without_a_terminal_there_is_one_plain_line_per_epoch(make_flows, make_model, capsys):
    Trainer(replace(QUICK, epochs=2)).fit(make_model(), make_flows())
    lines = capsys.readouterr().err.strip().splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert "\x1b" not in "".join(lines)
