import shlex
from contextlib import redirect_stderr
from dataclasses import fields
from io import StringIO
from pathlib import PurePosixPath

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from imgclass.cli import main
from imgclass.errors import TrainingError, UsageError
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS, Augmentation
from imgclass.models.spec import OPTIMIZERS, ModelSpec
from imgclass.report.next_step import how_to_run
from imgclass.training.config import TrainingConfig
from imgclass.training.names import LOSSES, METRICS

OWN = Augmentation(rotation_range=7)
DATA = PurePosixPath("animals")


def words(experiment, data=DATA):
    return shlex.split(how_to_run(experiment, data).text)


def test_the_default_experiment_needs_no_option():
    assert words(Experiment()) == ["imgclass", "train", "animals"]


EVERYTHING = Experiment(
    architecture="vgg16",
    spec=ModelSpec(
        image_size=(32, 48),
        depth=2,
        width=64,
        dropout=0.3,
        dropout_after=1,
        l2=5e-4,
        weights="my weights.h5",
        trainable=False,
        pooling="max",
        head_units=(64, 64),
    ),
    training=TrainingConfig(
        epochs=7,
        batch_size=256,
        optimizer="sgd",
        learning_rate=1e-3,
        find_rate=False,
        schedule="cosine",
        weight_decay=1e-5,
        ema=0.99,
        loss="dice",
        class_weights={"cat": 2.0, "dog": 0.5},
        label_smoothing=0.0,
        metrics=("auc", "f1_score"),
        patience=4,
        head_epochs=2,
        unfreeze="block5",
        fine_tune_rate=1e-4,
        sampling="balanced",
        layer_decay=0.8,
        precision="float32",
        seed=5,
    ),
    augmentation=PRESETS["strong"],
    pipeline="generator",
    resize="pad",
    tta=True,
)


def parsed(instruction):
    """Return the data and the experiment that an instruction runs."""
    received = []
    if instruction.language == "shell":

        def run_and_report(data, said, **_):
            received.append((str(data), said))
            raise TrainingError("begun")

        words = shlex.split(instruction.text)[1:]
        with pytest.MonkeyPatch.context() as patch, redirect_stderr(StringIO()):
            patch.setattr("imgclass.cli.train.open_data", lambda data: data)
            patch.setattr("imgclass.cli.train.run_and_report", run_and_report)
            with pytest.raises(SystemExit):
                main(words)
    else:
        kinds = (Augmentation, Experiment, ModelSpec, TrainingConfig)
        names = {kind.__name__: kind for kind in kinds}
        names["run_experiment"] = lambda *given: received.append(given)
        imports, _, call = instruction.text.partition("\n\n")
        assert set(imports.removeprefix("from imgclass import ").split(", ")) <= set(names)
        exec(call, names)  # noqa: S102 - what a reader would copy
    return received


@pytest.mark.parametrize("experiment", [Experiment(), EVERYTHING])
def test_the_command_is_understood_as_the_same_experiment(experiment):
    instruction = how_to_run(experiment, DATA)
    assert instruction.language == "shell"
    assert parsed(instruction) == [("animals", experiment)]


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
COUNTS = st.integers(1, 10**6)
RATES = st.floats(1e-300, 1e300)
SHARES = st.floats(0, 1, exclude_max=True)
SIDES = st.integers(1, 1000)


def choice(kind, **fields):
    """Draw some fields, and leave the others at their defaults."""
    return st.fixed_dictionaries({}, optional=fields).map(lambda given: made(kind, given))


def made(kind, given):
    try:
        return kind(**given)
    except UsageError:  # settings that contradict each other
        reject()


SPECS = choice(
    ModelSpec,
    image_size=SIDES | st.tuples(SIDES, SIDES),
    depth=COUNTS,
    width=COUNTS,
    dropout=SHARES,
    dropout_after=COUNTS,
    l2=RATES,
    weights=WORDS,
    trainable=st.booleans(),
    pooling=st.sampled_from(["avg", "max"]),
    head_units=st.lists(COUNTS, max_size=3),
)
RECIPES = choice(
    TrainingConfig,
    epochs=COUNTS,
    batch_size=COUNTS,
    optimizer=st.sampled_from(OPTIMIZERS),
    learning_rate=RATES,
    find_rate=st.booleans(),
    schedule=st.sampled_from(["one_cycle", "cosine", "constant"]),
    weight_decay=RATES,
    ema=st.floats(1e-9, 1, exclude_max=True),
    loss=st.sampled_from(LOSSES),
    class_weights=st.just("balanced") | st.dictionaries(WORDS, RATES, min_size=1, max_size=3),
    label_smoothing=st.just(0) | SHARES,
    metrics=st.lists(st.sampled_from(METRICS), max_size=3),
    patience=COUNTS,
    head_epochs=st.integers(0, 5),
    unfreeze=COUNTS | WORDS | st.just("30"),
    fine_tune_rate=RATES,
    sampling=st.sampled_from(["shuffled", "balanced"]),
    layer_decay=st.floats(1e-9, 1),
    precision=st.sampled_from(["auto", "float32", "mixed_bfloat16", "mixed_float16"]),
    seed=st.integers(0),
)
EXPERIMENTS = choice(
    Experiment,
    architecture=WORDS,
    spec=SPECS,
    training=RECIPES,
    augmentation=st.sampled_from([*PRESETS]) | st.just(OWN),
    pipeline=st.sampled_from(["cached", "generator"]),
    resize=st.sampled_from(["stretch", "crop", "pad"]),
    tta=st.booleans(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(EXPERIMENTS)
def test_what_a_reader_copies_runs_the_same_experiment_whatever_it_is(experiment):
    assert parsed(how_to_run(experiment, DATA)) == [("animals", experiment)]


def test_the_fields_that_are_tried_are_all_there_are():
    changed = {name.partition(".")[0] for name in EVERYTHING.changes_from(Experiment())}
    same = {
        f"{part}.{field.name}"
        for part in ("spec", "training")
        for field in fields(getattr(EVERYTHING, part))
        if getattr(getattr(EVERYTHING, part), field.name)
        == getattr(getattr(Experiment(), part), field.name)
    }
    assert changed == {field.name for field in fields(Experiment)}
    assert not same


def test_a_square_image_size_is_one_number():
    assert words(Experiment(spec=ModelSpec(image_size=(32, 32))))[3:] == ["--image-size", "32"]


@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(augmentation=Augmentation(rotation_range=3, brightness_range=(0.5, 1.5))),
        Experiment(spec=ModelSpec(head_units=())),
        Experiment(training=TrainingConfig(label_smoothing=0.0), augmentation=OWN),
        Experiment(architecture='"); import os', spec=ModelSpec(weights="a'\nb"), augmentation=OWN),
    ],
)
def test_what_the_command_line_cannot_say_becomes_python_that_makes_the_same_experiment(experiment):
    instruction = how_to_run(experiment, DATA)
    assert instruction.language == "python"
    assert parsed(instruction) == [("animals", experiment)]


@pytest.mark.parametrize(
    ("data", "operand"),
    [
        ("/home/alice/my images", "my images"),
        ("data/cifar10", "data/cifar10"),
        ("-rf", "./-rf"),
        ("$(rm x); `y`", "$(rm x); `y`"),
    ],
)
def test_the_folder_is_one_safe_word_without_the_way_to_it(data, operand):
    assert words(Experiment(), PurePosixPath(data)) == ["imgclass", "train", operand]


@pytest.fixture
def of_objects():
    """Experiments of objects of Keras, of this package and of a user's own module."""
    import keras

    from imgclass.training.muon import Muon

    @keras.saving.register_keras_serializable("mine")
    def squares(targets, probabilities):
        return keras.ops.mean(keras.ops.square(targets - probabilities), axis=-1)

    schedule = keras.optimizers.schedules.CosineDecay(0.1, 9)
    return {
        "keras": TrainingConfig(
            optimizer=keras.optimizers.RMSprop(0.01, rho=0.8),
            metrics=["auc", keras.metrics.F1Score(average="macro")],
        ),
        "schedule": TrainingConfig(optimizer=keras.optimizers.SGD(schedule)),
        "muon": TrainingConfig(optimizer=Muon(0.1)),
        "own": TrainingConfig(loss=squares),
        "mixed": TrainingConfig(loss=squares, metrics=[keras.metrics.AUC(), squares]),
    }


@pytest.mark.keras
@pytest.mark.parametrize("name", ["keras", "schedule", "muon", "own", "mixed"])
def test_objects_of_keras_become_python_that_runs_as_it_stands(name, of_objects, monkeypatch):
    experiment = Experiment(training=of_objects[name])
    instruction = how_to_run(experiment, DATA)
    received = []
    monkeypatch.setattr(
        "imgclass.run_experiment", lambda *given: received.append(given), raising=False
    )
    exec(instruction.text, {})  # noqa: S102 - what a reader would copy
    assert instruction.language == "python"
    assert received == [("animals", experiment)]
    says_own = "# Import the module that registers mine>squares, too." in instruction.text
    assert says_own == (name in {"own", "mixed"})


@pytest.mark.keras
def test_an_optimizer_object_is_written_by_its_class(of_objects):
    text = how_to_run(Experiment(training=of_objects["keras"]), DATA).text
    assert text.startswith("import keras\nfrom imgclass import Experiment, TrainingConfig, run_")
    assert "optimizer=keras.optimizers.RMSprop.from_config({" in text
    assert "metrics=['auc', keras.metrics.F1Score.from_config({" in text
