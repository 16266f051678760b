import csv
import json
import subprocess
import sys
from dataclasses import replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

from imgclass import Trainer, TrainingConfig
from imgclass.errors import DivergedError, UsageError

pytestmark = pytest.mark.keras

ONE = TrainingConfig(
    epochs=3, learning_rate=0.01, schedule="constant", optimizer="sgd", precision="float32"
)
TWO = replace(ONE, head_epochs=1)
PHASES = pytest.mark.parametrize("config", [ONE, TWO], ids=["one phase", "two phases"])


@pytest.fixture(scope="module")
def callbacks():
    import keras

    return keras.callbacks


@pytest.fixture(scope="module")
def make_small():
    """A model of one convolution and a classifier, which can be trained in two phases.

    Most of what a training of these tests takes is TensorFlow's tracing, which grows with weights.
    """
    from keras import layers

    from imgclass import ModelSpec
    from imgclass.models.head import classify
    from imgclass.training.hardware import building

    def make(precision="float32"):
        spec = ModelSpec(image_size=(8, 8))
        with building(precision=precision, seed=0):
            inputs = layers.Input(spec.input_shape())
            features = layers.Rescaling(1 / 64, offset=-2.0)(inputs)
            features = layers.Conv2D(4, 3, use_bias=False)(features)
            features = layers.BatchNormalization(momentum=0.9)(features)
            return classify(inputs, layers.ReLU()(features), spec=spec, num_classes=2)

    return make


@pytest.fixture(scope="module")
def fit(make_flows, make_small):
    """Train a small model with callbacks; return it and the history."""

    def run(config, *callbacks, flows=None, model=None, **changes):
        model = model or make_small()
        trainer = Trainer(replace(config, **changes), callbacks=callbacks, progress=False)
        return model, trainer.fit(model, flows or make_flows())

    return run


@pytest.fixture(scope="module")
def plain_fit(make_flows, make_small):
    """The same by plain Keras, in one phase."""

    def run(config, *callbacks, optimizer=None):
        from imgclass.training.recipe import make_loss, make_metrics, make_optimizer

        model, flows = make_small(), make_flows()
        full = config.resolve(num_images=32)
        model.compile(
            optimizer or make_optimizer(full, total_steps=12),
            loss=make_loss(full),
            metrics=make_metrics(full),
        )
        model.fit(
            flows.train_augmented,
            validation_data=flows.val,
            epochs=config.epochs,
            shuffle=False,
            verbose=0,
            callbacks=list(callbacks),
        )
        return model

    return run


def watching(callbacks, folder):
    """Callbacks that only read and write, each into a place of its own under `folder`."""
    (folder / "files").mkdir()
    return [
        callbacks.CSVLogger(folder / "log.csv"),
        callbacks.ModelCheckpoint(folder / "files" / "{epoch}.keras"),
        callbacks.ModelCheckpoint(folder / "files" / "{epoch}.weights.h5", save_weights_only=True),
    ]


@pytest.fixture(scope="module", params=[ONE, TWO], ids=["one phase", "two phases"])
def watched(request, fit, callbacks, tmp_path_factory):
    """A training with callbacks that change nothing of it, for all tests that only look."""
    made = SimpleNamespace(folder=tmp_path_factory.mktemp("ours"), seen=[])
    made.telling = callbacks.LambdaCallback(
        on_train_begin=lambda _: made.seen.append("begin"),
        on_epoch_end=lambda epoch, _: made.seen.append(epoch),
        on_train_end=lambda _: made.seen.append("end"),
    )
    made.best = callbacks.ModelCheckpoint(
        made.folder / "best.keras",
        save_best_only=True,
        monitor="val_categorical_crossentropy",
        mode="min",
    )
    made.model, made.history = fit(
        request.param, made.telling, *watching(callbacks, made.folder), made.best
    )
    return made


@pytest.fixture(scope="module")
def plain(plain_fit, callbacks, tmp_path_factory):
    """The folder into which the same callbacks write in a training by plain Keras."""
    folder = tmp_path_factory.mktemp("plain")
    plain_fit(ONE, *watching(callbacks, folder))
    return folder


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def same(weights, others):
    return all(np.allclose(a, b, atol=1e-5) for a, b in zip(weights, others, strict=True))


# The argument


def test_one_callback_needs_no_list(callbacks):  # R23
    callback = callbacks.TerminateOnNaN()
    assert Trainer(callbacks=callback).callbacks == (callback,)
    assert Trainer(callbacks=callbacks.CallbackList([callback])).callbacks == (callback,)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([print], r"received <built-in function print>.*LambdaCallback"),
        ("csv", "received 'csv'"),
        (3, "received 3"),
    ],
)
def test_an_object_that_is_no_callback_is_refused_at_once(given, said):
    with pytest.raises(UsageError, match=said):
        Trainer(callbacks=given)


def test_a_callback_class_is_refused_with_a_remedy(callbacks):
    with pytest.raises(UsageError, match=r"the class CSVLogger\. Call it: CSVLogger\(\.\.\.\)"):
        Trainer(callbacks=[callbacks.CSVLogger])


# One training


def test_a_training_begins_once_and_ends_once(watched):
    assert watched.seen == ["begin", 0, 1, 2, "end"]


def test_a_callback_knows_the_model_and_how_long_the_training_will_be(watched):
    callback = watched.telling
    assert callback.model is watched.model
    assert (callback.params["epochs"], callback.params["steps"]) == (3, 4)
    assert len(watched.model.history.history["val_loss"]) == 3


def test_a_callback_that_stops_the_training_ends_all_of_its_phases(fit, callbacks):
    def stop(epoch, _):
        del epoch
        callback.model.stop_training = True

    callback = callbacks.LambdaCallback(on_epoch_end=stop)
    _, history = fit(TWO, callback)
    assert len(history.epochs) == 1
    assert history.stopped_early


def test_a_callback_that_stops_after_the_last_epoch_stops_nothing_early(fit, callbacks):
    def stop(epoch, _):
        callback.model.stop_training = epoch == 2

    callback = callbacks.LambdaCallback(on_epoch_end=stop)
    assert not fit(TWO, callback)[1].stopped_early


# CSVLogger


def test_csv_logger_has_a_row_per_epoch_and_the_columns_of_plain_keras(watched, plain):  # R10
    ours = rows(watched.folder / "log.csv")
    assert [row["epoch"] for row in ours] == ["0", "1", "2"]
    assert list(ours[0]) == list(rows(plain / "log.csv")[0])


# ModelCheckpoint


def test_model_checkpoint_writes_the_files_of_plain_keras(watched, plain):
    ours, theirs = (
        sorted(path.name for path in (folder / "files").iterdir())
        for folder in (watched.folder, plain)
    )
    assert ours == theirs
    assert len(ours) == 6


def test_model_checkpoint_keeps_the_best_of_all_phases(watched):
    import keras

    losses = [epoch.val_loss for epoch in watched.history.epochs]
    assert watched.best.best == pytest.approx(min(losses))
    kept = keras.saving.load_model(watched.folder / "best.keras")
    assert kept.count_params() == watched.model.count_params()


LOAD = """
import json
import sys
import traceback
import keras
failures = {}
for name, (model_file, weights) in json.load(sys.stdin).items():
    try:
        for compiles in (True, False):
            model = keras.saving.load_model(model_file, compile=compiles)
            assert model.predict(keras.ops.zeros((1, 8, 8, 3)), verbose=0).shape == (1, 2)
        model.load_weights(weights)
        assert not [name for name in sys.modules if name.startswith("imgclass")]
    except Exception:
        failures[name] = traceback.format_exc()
print(json.dumps(failures))
"""
PRECISIONS, OPTIMIZERS = ("float32", "mixed_float16"), ("adam", "sgd", "muon")


@pytest.fixture(scope="module")
def files(fit, make_small, callbacks, tmp_path_factory):
    """A model's file and its weights by callbacks, for each precision and optimizer."""
    made = {}
    for precision, optimizer in product(PRECISIONS, OPTIMIZERS):
        folder = tmp_path_factory.mktemp(f"{precision}-{optimizer}")
        model = make_small(precision)
        backup = callbacks.BackupAndRestore(folder / "backup", delete_checkpoint=False)
        checkpoint = callbacks.ModelCheckpoint(folder / "model.keras")
        fit(ONE, checkpoint, backup, model=model, epochs=1, optimizer=optimizer)
        made[precision, optimizer] = (
            folder / "model.keras",
            folder / "backup" / "latest.weights.h5",
        )
    return made


@pytest.fixture(scope="module")
def failures_to_load(files):
    """What went wrong in a process without imgclass, by precision and optimizer; it loads all."""
    given = {" ".join(key): [str(path) for path in paths] for key, paths in files.items()}
    done = subprocess.run(
        [sys.executable, "-c", LOAD],
        input=json.dumps(given),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.thorough
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_files_of_callbacks_load_without_imgclass(files, failures_to_load, optimizer, precision):
    import keras

    assert failures_to_load.get(f"{precision} {optimizer}", "") == ""
    # Even if imgclass is imported, its optimizer is not in the file.
    loaded = keras.saving.load_model(files[precision, optimizer][0])
    assert loaded.compiled == (optimizer != "muon")


def test_the_h5_format_is_refused_with_an_optimizer_of_imgclass(fit, callbacks, tmp_path):
    checkpoint = callbacks.ModelCheckpoint(str(tmp_path / "model.h5"))
    with pytest.raises(UsageError, match=r"ModelCheckpoint.*ends in \.keras"):
        fit(ONE, checkpoint, optimizer="muon")


# BackupAndRestore


class _KilledError(Exception):
    pass


def killing(callbacks, *, after):
    def kill(epoch, _):
        if epoch == after:
            raise _KilledError

    return callbacks.LambdaCallback(on_epoch_end=kill)


@pytest.mark.parametrize("optimizer", ["sgd", "muon"])
def test_backup_and_restore_continues_a_killed_training(  # R12
    fit, callbacks, make_flows, tmp_path, optimizer
):
    flows = make_flows()

    def backup():
        return callbacks.BackupAndRestore(tmp_path / "backup")

    with pytest.raises(_KilledError):
        fit(ONE, backup(), killing(callbacks, after=1), optimizer=optimizer)
    _, history = fit(ONE, backup(), flows=flows, optimizer=optimizer)
    assert flows.train_augmented.started == [2]
    assert len(history.epochs) == 1
    assert history.best is history.epochs[0]
    assert not history.stopped_early
    assert not (tmp_path / "backup").exists()


def test_backup_and_restore_of_a_finished_training_keeps_its_weights(fit, callbacks, tmp_path):
    class DieAtTheEnd(callbacks.Callback):
        def on_train_end(self, logs=None):
            del logs
            raise _KilledError

    def backup():
        return callbacks.BackupAndRestore(tmp_path / "backup", delete_checkpoint=False)

    kept = {}

    def keep(epoch, _):
        del epoch
        kept["weights"] = watching.model.get_weights()

    watching = callbacks.LambdaCallback(on_epoch_end=keep)
    with pytest.raises(_KilledError):
        fit(ONE, watching, DieAtTheEnd(), backup())
    model, history = fit(ONE, backup())
    assert history.epochs == ()
    assert history.best_epoch is None
    assert same(model.get_weights(), kept["weights"])


def test_backup_and_restore_is_refused_in_two_phases(fit, callbacks, make_flows, tmp_path):
    flows = make_flows()
    with pytest.raises(UsageError, match=r"BackupAndRestore.*two phases.*--head-epochs"):
        fit(TWO, callbacks.BackupAndRestore(tmp_path), flows=flows)
    assert flows.train_augmented.started == []


# TensorBoard


def scalars(folder):
    """Return the steps of each scalar under `folder`."""
    from tensorflow.compat.v1.train import summary_iterator

    steps = {}
    for path in sorted(folder.rglob("events.*")):
        for event in summary_iterator(str(path)):
            for value in event.summary.value:
                name = f"{path.parent.name}/{value.tag}"
                if value.tag.startswith("epoch_"):
                    steps.setdefault(name, []).append(event.step)
    return steps


@pytest.fixture(scope="module")
def plain_scalars(plain_fit, callbacks, tmp_path_factory):
    """What TensorBoard is told by plain Keras."""
    folder = tmp_path_factory.mktemp("plain")
    plain_fit(ONE, callbacks.TensorBoard(folder))
    return scalars(folder)


@PHASES
@pytest.mark.filterwarnings("ignore")
def test_tensor_board_draws_every_epoch_as_with_plain_keras(
    fit, plain_scalars, callbacks, tmp_path, config
):
    fit(config, callbacks.TensorBoard(tmp_path))
    ours = scalars(tmp_path)
    assert ours == plain_scalars
    assert ours["validation/epoch_accuracy"] == [0, 1, 2]


def test_tensor_board_is_refused_without_its_package(fit, callbacks, tmp_path, monkeypatch):
    from imgclass.training import user_callbacks

    monkeypatch.setattr(
        user_callbacks, "find_spec", lambda name: None if name == "tensorboard" else name
    )
    with pytest.raises(UsageError, match=r"TensorBoard.*pip install tensorboard"):
        fit(ONE, callbacks.TensorBoard(tmp_path))


# EarlyStopping


@PHASES
def test_early_stopping_ends_the_training_of_all_phases(fit, callbacks, config):
    # No improvement is large enough, so it stops when its patience runs out.
    stopping = callbacks.EarlyStopping(min_delta=1e9, patience=2, monitor="val_loss")
    _, history = fit(config, stopping, epochs=9, learning_rate=10.0)
    assert len(history.epochs) == stopping.stopped_epoch + 1 < 9
    assert history.stopped_early


@PHASES
def test_early_stopping_that_restores_weights_and_the_history_agree(  # R11
    fit, callbacks, make_flows, config
):
    flows = make_flows()
    # The epoch with the highest val loss is not the trainer's best epoch.
    stopping = callbacks.EarlyStopping(
        monitor="val_categorical_crossentropy", mode="max", patience=9, restore_best_weights=True
    )
    model, history = fit(config, stopping, flows=flows)
    losses = [epoch.val_loss for epoch in history.epochs]
    assert history.best.val_loss == max(losses)
    assert same(model.get_weights(), stopping.best_weights)


# ReduceLROnPlateau, LearningRateScheduler


@PHASES
@pytest.mark.parametrize("kind", ["LearningRateScheduler", "ReduceLROnPlateau"])
def test_a_callback_that_sets_the_rate_is_refused_with_a_schedule(  # R9
    fit, callbacks, make_flows, config, kind
):
    flows = make_flows()
    made = {
        "LearningRateScheduler": lambda: callbacks.LearningRateScheduler(lambda _: 0.1),
        "ReduceLROnPlateau": callbacks.ReduceLROnPlateau,
    }
    with pytest.raises(UsageError, match=rf"{kind}.*--schedule constant"):
        fit(config, made[kind](), flows=flows, schedule="one_cycle")
    assert flows.train_augmented.started == []


def test_a_callback_that_sets_the_rate_is_refused_with_an_optimizers_own_schedule(fit, callbacks):
    import keras

    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    own = TrainingConfig(epochs=1, optimizer=keras.optimizers.SGD(rate))
    with pytest.raises(UsageError, match="a number as the optimizer's learning_rate"):
        fit(own, callbacks.ReduceLROnPlateau())
    fit(replace(own, optimizer=keras.optimizers.SGD(0.1)), callbacks.ReduceLROnPlateau())


@PHASES
def test_learning_rate_scheduler_sets_the_rate_of_every_epoch(fit, callbacks, config):
    scheduler = callbacks.LearningRateScheduler(lambda epoch: 0.01 * (epoch + 1))
    _, history = fit(config, scheduler)
    rates = [epoch.learning_rate for epoch in history.epochs]
    assert rates == pytest.approx([0.01, 0.02, 0.03])


def test_reduce_lr_on_plateau_lowers_the_rate(fit, callbacks):
    # No loss improves by a thousand.
    plateau = callbacks.ReduceLROnPlateau(factor=0.5, patience=1, min_delta=1000.0)
    _, history = fit(ONE, plateau)
    rates = [epoch.learning_rate for epoch in history.epochs]
    assert rates == pytest.approx([0.01, 0.01, 0.005])


def test_reduce_lr_on_plateau_starts_from_the_rate_of_each_phase(fit, callbacks):
    plateau = callbacks.ReduceLROnPlateau(factor=0.5, patience=1, min_delta=1000.0)
    _, history = fit(TWO, plateau)
    rates = [epoch.learning_rate for epoch in history.epochs]
    assert rates == pytest.approx([0.01, 0.001, 0.0005])


# TerminateOnNaN


@PHASES
def test_terminate_on_nan_makes_no_difference(fit, callbacks, make_flows, config, monkeypatch):
    flows = make_flows()
    read = type(flows.train_augmented).__getitem__

    def without_label(flow, index):
        images, labels = read(flow, index)
        return images, labels * (np.nan if index == 1 else 1)

    monkeypatch.setattr(type(flows.train_augmented), "__getitem__", without_label)
    with pytest.raises(DivergedError, match="epoch 1, batch 2"):
        fit(config, callbacks.TerminateOnNaN(), flows=flows)


# SwapEMAWeights


def averaging_sgd():
    import keras

    return keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9)


OWN = TrainingConfig(epochs=1, precision="float32")


@pytest.fixture(scope="module")
def plain_averages(plain_fit, callbacks):
    """The averages that plain Keras ends with."""
    model = plain_fit(OWN, callbacks.SwapEMAWeights(), optimizer=averaging_sgd())
    return model.get_weights()


@pytest.mark.parametrize("own_callback", [True, False])
def test_averages_of_the_weights_are_validated_and_kept(
    fit, plain_averages, callbacks, make_flows, own_callback
):
    given = [callbacks.SwapEMAWeights()] if own_callback else []
    config = replace(OWN, optimizer=averaging_sgd())
    flows = make_flows()
    model, history = fit(config, *given, flows=flows)
    assert same(model.get_weights(), plain_averages)
    images, labels = flows.val[0]
    right = model.predict_on_batch(images).argmax(1) == labels.argmax(1)
    assert len(flows.val) == 2
    images, labels = flows.val[1]
    right = [*right, *(model.predict_on_batch(images).argmax(1) == labels.argmax(1))]
    assert np.mean(right) == pytest.approx(history.best.val_accuracy)


@pytest.mark.parametrize("head_epochs", [0, 1])
def test_the_watch_is_given_the_averages_that_were_validated(
    make_flows, make_small, callbacks, head_epochs
):
    given = {}

    class Watch:
        def __init__(self):
            self.epochs = 0

        def ready(self):
            pass

        def epoch_ended(self, epoch, best):
            del epoch
            self.epochs += 1
            if best is not None:
                given["weights"] = best.get_weights()

    config = replace(OWN, optimizer=averaging_sgd(), epochs=3, head_epochs=head_epochs)
    model, watch = make_small(), Watch()
    trainer = Trainer(config, callbacks=callbacks.SwapEMAWeights(), progress=False)
    trainer.fit(model, make_flows(), watch=watch)
    assert watch.epochs == 3
    assert same(model.get_weights(), given["weights"])


def test_swapping_between_epochs_is_refused_in_two_phases(fit, callbacks):
    config = replace(OWN, optimizer=averaging_sgd(), epochs=3)
    fit(config, callbacks.SwapEMAWeights(swap_on_epoch=True))
    with pytest.raises(UsageError, match="swap_on_epoch=False"):
        fit(config, callbacks.SwapEMAWeights(swap_on_epoch=True), head_epochs=1)


@PHASES
def test_swap_ema_weights_is_refused_without_averages(fit, callbacks, make_flows, config):
    flows = make_flows()
    with pytest.raises(UsageError, match=r"SwapEMAWeights.*use_ema=True"):
        fit(config, callbacks.SwapEMAWeights(), flows=flows)
    assert flows.train_augmented.started == []
