"""A training that is gone on with is in the end what an undisturbed one is, bit for bit (K2, K3).

What ends a training here is an error that nothing expects: of the training, its folder of
checkpoints knows as much as after a kill.
"""

import csv
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from imgclass import ModelSpec, Trainer, TrainingConfig
from imgclass.errors import CheckpointError, CheckpointWarning, DivergedError, InterruptedRunError
from imgclass.flows import PRESETS
from imgclass.training.checkpoints.files import STATE, TENSORS
from imgclass.training.checkpoints.folder import CheckpointFolder

pytestmark = pytest.mark.keras

CONFIG = TrainingConfig(
    epochs=3, batch_size=8, optimizer="adam", learning_rate=0.01, precision="float32"
)
STEPS = 4  # batches an epoch


class Died(BaseException):
    """The process ended here."""


def die():
    raise Died


@pytest.fixture(scope="module")
def flows():
    """32 images to train on, shuffled and augmented in each epoch, and 16 to validate on."""
    from imgclass.flows.cached import CachedFlow
    from imgclass.flows.flow import Flows

    def flow(n, **options):
        rng, labels = np.random.default_rng(n), np.arange(n) % 2
        images = (rng.integers(0, 60, (n, 8, 8, 3)) + 90 * labels[:, None, None, None]).astype("u1")
        paths = [Path(f"data/{i}.png") for i in range(n)]
        return CachedFlow(images, labels, paths=paths, num_classes=2, batch_size=8, **options)

    fit = flow(32, augmentation=PRESETS["light"], seed=3)
    return Flows(fit, flow(32), flow(16), None, ("dark", "light"), (8, 8), Path("data"))


def build(*, precision="float32", depth=1):
    """A model with layers that have state, batch normalisation and dropout, and few weights.

    Most of what a training of these tests takes is TensorFlow's tracing, which grows with weights.
    """
    from keras import layers

    from imgclass.models.head import classify
    from imgclass.training.hardware import building

    spec = ModelSpec(image_size=(8, 8), dropout=0.5)
    with building(precision=precision, seed=0):
        inputs = layers.Input(spec.input_shape())
        features = layers.Rescaling(1 / 64, offset=-2.0)(inputs)
        for stage in range(1, depth + 1):
            features = layers.Conv2D(4, 3, use_bias=False, name=f"stage{stage}_conv")(features)
            features = layers.BatchNormalization(momentum=0.9, name=f"stage{stage}_norm")(features)
            features = layers.Activation("relu", name=f"stage{stage}_act")(features)
        return classify(inputs, features, spec=spec, num_classes=2)


@pytest.fixture(scope="module", autouse=True)
def ends():
    """What is done at a place, an epoch and a batch, both from 0: mostly the process ends there.

    A callback of the user's cannot end it, since such callbacks are part of the checkpoint.
    """
    from imgclass.training import save_pace
    from imgclass.training.interrupts import AnswerInterrupts

    done, ordinary = {}, AnswerInterrupts.on_train_batch_end

    def on_train_batch_end(self, batch, logs=None):
        ordinary(self, batch, logs)
        done.get((self.epoch, batch), lambda: None)()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AnswerInterrupts, "on_train_batch_end", on_train_batch_end)
        # A checkpoint after each of these short epochs, however long it takes to write one.
        patch.setattr(save_pace, "SHARE", 1.0)
        Training.at = done
        yield


@dataclass
class Training:
    """A training that may be ended and resumed."""

    flows: Any
    folder: Path
    config: TrainingConfig = CONFIG
    callbacks: Any = tuple
    every: float = 180.0
    build: Any = build
    models: list = field(default_factory=list)
    used: Any = ()

    at: ClassVar[dict] = {}

    @property
    def checkpoints(self):
        return CheckpointFolder(self.folder, every=self.every)

    def go(self, how, *, end_at=None, at=(), config=None, **options):
        """Fit or resume, with new objects, as in a new process."""
        self.used = self.callbacks()
        trainer = Trainer(config or self.config, callbacks=self.used, progress=False)
        self.models.append(self.build())
        self.at.clear()
        self.at.update(at if end_at is None else {end_at: die})
        options |= {"checkpoints": self.checkpoints}
        return getattr(trainer, how)(self.models[-1], self.flows, **options)

    def fit(self, **options):
        return self.go("fit", **options)

    def resume(self, **options):
        return self.go("resume", **options)

    def ended_at(self, *places, how="fit"):
        """Train to the last epoch, ending and resuming at each place."""
        for place in places:
            with pytest.raises(Died):
                self.go(how, end_at=place)
            how = "resume"
            for file in (getattr(callback, "csv_file", None) for callback in self.used):
                if file is not None:
                    file.close()  # as the end of a process does
        return self.go(how)

    def fit_and_copy(self, *places):
        """Train undisturbed; return also a training whose folder is as a death would leave it.

        That is at the last of the places that this one comes to. This one writes a checkpoint after
        every batch, and that one, once resumed, after epochs.
        """
        ended = replace(self, folder=self.folder.with_name("ended"), every=180.0, models=[])
        self.every = 0.0

        def copy():
            shutil.rmtree(ended.folder, ignore_errors=True)
            shutil.copytree(self.folder, ended.folder)

        return ended, self.fit(at=dict.fromkeys(places, copy))

    @property
    def result(self):
        """Every bit of the last checkpoint, and the weights that the model ended with."""
        arrays = {name: array.tobytes() for name, array in self.checkpoints.newest().arrays.items()}
        return arrays, [weight.tobytes() for weight in self.models[-1].get_weights()]


@pytest.fixture
def training(flows, tmp_path):
    """Make two equal trainings, one of which will be disturbed."""

    def make(name="a", **options):
        return Training(flows, tmp_path / name, **options)

    return make


@pytest.fixture
def copy_of(training):
    """Copy a training that is over or was ended, to resume it."""

    def copy(known):
        made, _ = known
        own = training("copy", config=made.config, build=made.build)
        shutil.copytree(made.folder, own.folder)
        return own

    return copy


def without_time(history):
    epochs = tuple(replace(epoch, seconds=0.0) for epoch in history.epochs)
    return replace(history, epochs=epochs, seconds=0.0)


def require_same(disturbed, history, undisturbed, expected):
    assert repr(without_time(history)) == repr(without_time(expected))
    (arrays, weights), (arrays_expected, weights_expected) = disturbed.result, undisturbed.result
    assert arrays.keys() == arrays_expected.keys()
    assert [name for name in arrays if arrays[name] != arrays_expected[name]] == []
    assert weights == weights_expected


def require_resumable(undisturbed, *places):
    """Resume a training from the last of the places, and require that it ends as it did."""
    ended, history = undisturbed.fit_and_copy(*places)
    require_same(ended, ended.resume(), undisturbed, history)
    return history


@pytest.fixture(scope="module")
def expected(flows, tmp_path_factory):
    """The undisturbed training of one phase."""
    made = Training(flows, tmp_path_factory.mktemp("undisturbed"))
    return made, made.fit()


@pytest.mark.parametrize(
    ("every", "places"),
    [(180.0, [(0, 0), (1, STEPS - 1)]), (0.0, [(0, 2), (1, 0), (2, 1)])],
    ids=["by epochs", "by batches"],
)
def test_a_resumed_phase_ends_as_if_undisturbed(training, expected, every, places):
    disturbed = training(every=every)
    require_same(disturbed, disturbed.ended_at(*places), *expected)


def test_checkpoints_change_nothing(flows, expected):
    plain = build()
    Trainer(CONFIG, progress=False).fit(plain, flows)
    assert [weight.tobytes() for weight in plain.get_weights()] == expected[0].result[1]


def test_within_an_epoch_no_batch_is_learned_twice(training):
    import keras

    seen = []

    class Seeing(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            del logs
            seen.append(batch)

    disturbed = training(every=0.0, callbacks=lambda: [Seeing()])
    with pytest.raises(Died):
        disturbed.fit(end_at=(0, 1))
    place = disturbed.checkpoints.newest().state.place
    assert (place.epoch, place.batch) == (0, 2)
    with pytest.raises(Died):
        disturbed.resume(end_at=(0, STEPS - 1))
    assert seen == [0, 1, 2, 3]


TWO_PHASES = replace(CONFIG, epochs=4, head_epochs=2, patience=3)


def test_two_resumed_phases_end_as_if_undisturbed(training):
    options = {"config": TWO_PHASES, "build": lambda: build(depth=2)}
    undisturbed = training("undisturbed", **options)
    history = undisturbed.fit()
    by_batches = training("by batches", every=0.0, **options)
    places = [(1, STEPS - 2), (2, 1)]
    require_same(by_batches, by_batches.ended_at(*places), undisturbed, history)
    by_epochs = training("by epochs", **options)
    require_same(by_epochs, by_epochs.ended_at((2, 0)), undisturbed, history)


def test_a_resumed_training_on_features_of_frozen_layers_ends_as_if_undisturbed(training):
    def build_frozen():
        model = build(depth=2)
        for layer in model.layers:
            layer.trainable = not layer.name.startswith("stage1")
        return model

    undisturbed = training(build=build_frozen)
    ended, history = undisturbed.fit_and_copy((0, 2))
    assert {name for name, _, _ in undisturbed.flows.features} == {"stage1_act"}
    ended.every = 0.0
    require_same(ended, ended.ended_at((2, 1), how="resume"), undisturbed, history)


def test_patience_counts_the_epochs_waited_before(training):
    config = replace(
        CONFIG, epochs=9, patience=2, learning_rate=5.0, optimizer="sgd", schedule="constant"
    )
    history = require_resumable(training(config=config), *((epoch, 1) for epoch in range(9)))
    assert history.stopped_early


def test_averages_of_the_weights_are_resumed(training):
    import keras

    optimizer = keras.optimizers.AdamW(0.01, use_ema=True)
    config = replace(CONFIG, optimizer=optimizer, learning_rate=None)
    require_resumable(training(config=config), (1, 1))


@pytest.mark.parametrize(
    "optimizer",
    ["muon", *(pytest.param(name, marks=pytest.mark.thorough) for name in ("adam", "sgd"))],
)
def test_averages_and_rates_by_layer_are_resumed(training, optimizer):
    config = replace(CONFIG, optimizer=optimizer, ema=0.99, layer_decay=0.7, weight_decay=0.01)
    require_resumable(training(config=config), (1, 1))


@pytest.mark.parametrize("precision", ["mixed_float16"])
def test_mixed_precision_is_resumed(training, precision):
    config = replace(CONFIG, precision=precision)
    made = training(config=config, build=lambda: build(precision=precision))
    require_resumable(made, (1, 2))


@pytest.mark.parametrize("optimizer", ["muon"])
def test_every_optimizer_is_resumed(training, optimizer):
    config = replace(CONFIG, epochs=2, optimizer=optimizer)
    require_resumable(training(config=config), (1, 2))


# Callbacks of the user's

CONSTANT = replace(CONFIG, epochs=5, schedule="constant", learning_rate=0.02)


def rows(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_callbacks_of_keras_are_resumed_with_their_state(training, tmp_path):
    import keras

    def callbacks(name):
        kit = keras.callbacks
        folder = tmp_path / f"of {name}"
        folder.mkdir(exist_ok=True)
        return lambda: [
            kit.ReduceLROnPlateau("val_loss", factor=0.5, patience=1, min_delta=10, cooldown=1),
            kit.EarlyStopping("val_loss", patience=3, min_delta=10, restore_best_weights=True),
            kit.ModelCheckpoint(
                str(folder / "best.weights.h5"),
                "val_loss",
                save_best_only=True,
                save_weights_only=True,
            ),
            kit.CSVLogger(str(folder / "log.csv"), append=True),
        ]

    undisturbed = training("b", config=CONSTANT, callbacks=callbacks("b"))
    history = undisturbed.fit()
    assert len({epoch.learning_rate for epoch in history.epochs}) > 1
    assert len(history.epochs) < CONSTANT.epochs
    for every, places in ((180.0, [(2, 1)]), (0.0, [(1, 1), (3, 2)])):
        disturbed = training(f"a{every}", config=CONSTANT, callbacks=callbacks("a"), every=every)
        again = disturbed.ended_at(*places)
        require_same(disturbed, again, undisturbed, history)
        logged, expected = (tmp_path / f"of {name}" / "log.csv" for name in "ab")
        assert rows(logged) == rows(expected)
        logged.unlink()


def test_earlier_csv_rows_are_kept(training, tmp_path):
    import keras

    path = tmp_path / "log.csv"
    made = training(callbacks=lambda: [keras.callbacks.CSVLogger(str(path))])
    made.ended_at((1, 1))
    assert [row[0] for row in rows(path)] == ["epoch", "0", "1", "2"]


# Finished trainings, and more epochs


def test_at_a_constant_rate_more_epochs_are_one_training_of_that_length(training):
    config = replace(CONSTANT, epochs=4)
    undisturbed, shorter = training("b", config=config), training(every=0.0)
    history = undisturbed.fit()
    shorter.config = replace(config, epochs=2)
    shorter.fit()
    shorter.config = config
    require_same(shorter, shorter.ended_at((2, 1), how="resume"), undisturbed, history)


def test_after_a_schedule_more_epochs_are_a_schedule_of_their_own(copy_of, expected):
    made, longer = copy_of(expected), replace(CONFIG, epochs=5)
    first = expected[1]
    with pytest.raises(Died):
        made.resume(config=longer, end_at=(3, 0))
    history = made.resume(config=longer)
    assert [replace(epoch, seconds=0.0) for epoch in history.epochs[:3]] == list(
        without_time(first).epochs
    )
    assert len(history.epochs) == 5
    assert history.epochs[-1].learning_rate < history.epochs[3].learning_rate


def test_a_finished_training_returns_the_same_history_and_weights_again(copy_of, expected):
    made = copy_of(expected)
    require_same(made, made.resume(), *expected)


# Other endings than a kill


def test_after_ctrl_c_no_batch_of_the_epoch_is_lost(training, expected):
    import signal

    from imgclass.training.interrupts import Interrupts

    disturbed, heard = training(), []
    ordinary = Interrupts.raise_if_received

    def press(self, where=""):
        if "in epoch 2, after batch 2" in where and not heard:
            heard.append(where)
            self.received = signal.SIGINT  # during batch 3
        elif where:
            ordinary(self, where)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Interrupts, "raise_if_received", press)
        with pytest.raises(InterruptedRunError, match="after batch 3"):
            disturbed.fit()
    assert str(disturbed.checkpoints.newest().state.place) == "epoch 2, batch 3"
    require_same(disturbed, disturbed.resume(), *expected)


def test_after_a_nan_loss_a_lower_rate_resumes_from_the_last_good_epoch(training):
    made = training(config=replace(CONFIG, optimizer="sgd", schedule="constant"))
    from imgclass.training.finite import FiniteTraining
    from imgclass.training.logs import OBJECTIVE

    ordinary = FiniteTraining.on_train_batch_end

    def diverge(self, batch, logs=None):
        ordinary(self, batch, {OBJECTIVE: np.nan} if self.clock.epoch == 1 else logs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FiniteTraining, "on_train_batch_end", diverge)
        with pytest.raises(DivergedError) as raised:
            made.fit()
    ((name, rate),) = raised.value.advice.items()
    assert (name, rate) == ("learning_rate", pytest.approx(CONFIG.learning_rate / 10))
    lower = replace(made.config, **raised.value.advice)
    with pytest.raises(CheckpointError, match="learning_rate"):
        made.resume(config=lower)
    history = made.resume(config=lower, changed=raised.value.advice)
    assert [epoch.learning_rate for epoch in history.epochs] == pytest.approx([0.01, 0.001, 0.001])


class Follower:
    """Records its calls."""

    def __init__(self):
        self.told, self.epochs = [], []

    def ready(self):
        pass

    def resumed(self, epochs, best_epoch, best):
        self.told.append(
            (len(epochs), best_epoch, best and [w.tobytes() for w in best.get_weights()])
        )

    def epoch_ended(self, epoch, best):
        self.epochs.append((epoch, best is not None))


@pytest.fixture(scope="module")
def ended(flows, tmp_path_factory):
    """A training that ended in its second epoch, with a checkpoint of each batch."""
    made = Training(flows, tmp_path_factory.mktemp("ended"), every=0.0)
    with pytest.raises(Died):
        made.fit(end_at=(1, 1))
    return made, None


def test_the_watch_is_told_where_a_training_resumes(copy_of, ended):
    made, watch = copy_of(ended), Follower()
    history = made.resume(watch=watch)
    ((done, best_epoch, best),) = watch.told
    assert (done, best_epoch) == (1, 0)
    assert best is not None
    assert tuple(epoch for epoch, _ in watch.epochs) == history.epochs[1:]


def flip(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def test_a_damaged_checkpoint_is_named_and_an_older_one_resumed(copy_of, ended, expected):
    made = copy_of(ended)
    newest = made.checkpoints.newest().path
    flip(newest / TENSORS)
    with pytest.warns(CheckpointWarning, match=f"{newest.name}.*left as it is|{newest.name}"):
        history = made.resume()
    require_same(made, history, *expected)


def test_without_a_complete_checkpoint_nothing_is_trained(copy_of, ended):
    made = copy_of(ended)
    for path in made.folder.iterdir():
        flip(path / STATE)
    before = sorted(made.folder.iterdir())
    with pytest.raises(CheckpointError, match="none of 3 is"):
        made.resume()
    assert sorted(made.folder.iterdir()) == before


def test_a_new_training_in_the_folder_of_another_is_refused(copy_of, ended):
    with pytest.raises(CheckpointError, match="has those of an earlier training"):
        copy_of(ended).fit()


def other_images(made):
    fit = made.flows.train_augmented
    images = fit._images.copy()
    images[:] = 255 - images
    other = type(fit)(
        images,
        fit.labels,
        paths=fit.paths,
        num_classes=2,
        batch_size=8,
        augmentation=PRESETS["light"],
        seed=3,
    )
    made.flows = replace(made.flows, train_augmented=other)


def other_model(made):
    made.build = lambda: build(depth=2)


def other_recipe(made):
    made.config = replace(made.config, seed=1)


def other_callbacks(made):
    import keras

    made.callbacks = lambda: [keras.callbacks.TerminateOnNaN()]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (other_images, "data .*first training batch"),
        (other_model, "model .*layers"),
        (other_recipe, "seed=0.*seed=1"),
        (other_callbacks, "callbacks .*callback 1, TerminateOnNaN was none and is given"),
    ],
)
def test_a_difference_is_refused_by_name_and_nothing_is_written(copy_of, ended, change, says):
    made = copy_of(ended)
    before = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
    change(made)
    with pytest.raises(CheckpointError, match=says):
        made.resume()
    assert {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()} == before


def test_half_the_batch_size_resumes_from_the_last_whole_epoch(copy_of, ended):
    made = copy_of(ended)
    fit = made.flows.train_augmented
    half = type(fit)(
        fit._images,
        fit.labels,
        paths=fit.paths,
        num_classes=2,
        batch_size=4,
        augmentation=PRESETS["light"],
        seed=3,
    )
    made.flows = replace(made.flows, train_augmented=half)
    config = replace(CONFIG, batch_size=4)
    history = made.resume(config=config, changed=["batch_size"])
    assert len(history.epochs) == CONFIG.epochs
    assert history.epochs[-1].learning_rate < 1e-3  # the schedule came to its end


def test_another_machine_gives_a_warning_only(copy_of, ended, monkeypatch):
    from imgclass.training.checkpoints import setting

    monkeypatch.setattr(setting, "_cores", lambda: 99)
    made = copy_of(ended)
    with (
        pytest.warns(CheckpointWarning, match="processor cores was .* and is 99"),
        pytest.raises(Died),
    ):
        made.resume(end_at=(1, 2))


def test_a_backup_callback_is_refused_when_resuming(copy_of, ended, tmp_path):
    import keras

    from imgclass.errors import UsageError

    made = copy_of(ended)
    made.callbacks = lambda: [keras.callbacks.BackupAndRestore(str(tmp_path / "backup"))]
    with pytest.raises((UsageError, CheckpointError)):
        made.resume()
