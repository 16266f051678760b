import json
import subprocess
import sys

import keras
import pytest

from imgclass.errors import UsageError
from imgclass.training.keras_object import KerasObject, keras_object
from imgclass.training.muon import Muon

pytestmark = pytest.mark.keras


@keras.saving.register_keras_serializable("tests")
def squares(targets, probabilities):
    return keras.ops.mean(keras.ops.square(targets - probabilities), axis=-1)


@keras.saving.register_keras_serializable("tests")
class Registered(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return squares(y_true, y_pred)


class Unregistered(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return squares(y_true, y_pred)


class UnregisteredSchedule(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.1 * step

    def get_config(self):
        return {}


@keras.saving.register_keras_serializable("tests")
class Forgetful(keras.losses.Loss):
    """Its configuration lacks an argument that it needs."""

    def __init__(self, weight, **options):
        super().__init__(**options)
        self.weight = weight

    def call(self, y_true, y_pred):
        return self.weight * squares(y_true, y_pred)


def unregistered(targets, probabilities):
    return squares(targets, probabilities)


def value(given, kind):
    return keras_object("setting", given, kind=kind)


OBJECTS = {
    "optimizer": (
        lambda: keras.optimizers.RMSprop(0.01, rho=0.8),
        lambda: keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 9)),
        lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1)),
        lambda: Muon(0.1, momentum=0.7),
    ),
    "loss": (
        lambda: keras.losses.CategoricalCrossentropy(label_smoothing=0.2),
        lambda: keras.losses.dice,
        Registered,
        lambda: squares,
    ),
    "metric": (
        lambda: keras.metrics.TopKCategoricalAccuracy(3, name="top3"),
        lambda: squares,
        lambda: keras.metrics.MeanMetricWrapper(squares, name="squares"),
    ),
}
EACH = [(kind, make) for kind, makers in OBJECTS.items() for make in makers]


@pytest.mark.parametrize(("kind", "make"), EACH)
def test_a_built_object_has_the_same_value_again(kind, make):
    first = value(make(), kind)
    assert first == value(make(), kind) == value(first.build(), kind)
    assert hash(first) == hash(value(make(), kind))


@pytest.mark.parametrize(
    ("given", "kind", "title"),
    [
        (keras.optimizers.RMSprop(), "optimizer", "RMSprop"),
        (Registered(), "loss", "Registered"),
        (squares, "metric", "squares"),
        (keras.losses.dice, "loss", "dice"),
    ],
)
def test_its_repr_is_the_name_of_its_class_or_function(given, kind, title):
    assert str(value(given, kind)) == repr(value(given, kind)) == title


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (Unregistered(), "loss"),
        (unregistered, "loss"),
        (unregistered, "metric"),
        (lambda targets, probabilities: squares(probabilities, targets), "loss"),
        (Forgetful(2.0), "loss"),
        (keras.optimizers.SGD(UnregisteredSchedule()), "optimizer"),
    ],
)
def test_an_object_that_cannot_be_built_again_is_refused_with_a_remedy(given, kind):
    with pytest.raises(UsageError, match="register_keras_serializable"):
        value(given, kind)


@pytest.mark.parametrize(
    ("given", "kind", "named"),
    [
        (keras.optimizers.SGD, "optimizer", r"the class SGD\. Call it: SGD\(\.\.\.\)"),
        (Registered, "loss", "the class Registered"),
        (7, "metric", "setting=7"),
        (squares, "optimizer", "setting=<function squares"),
        (keras.losses.Dice(), "metric", "setting="),
    ],
)
def test_an_object_of_another_kind_is_refused(given, kind, named):
    with pytest.raises(UsageError, match=named):
        value(given, kind)


@pytest.mark.parametrize("config", ["", "no JSON", "[]", "3", "{}", '{"class_name": 3}'])
def test_a_text_that_keras_did_not_write_is_refused(config):
    with pytest.raises(UsageError, match="Give the Keras object itself"):
        KerasObject(config)


def test_the_learning_rate_is_as_it_was_written():
    assert value(keras.optimizers.Adam(0.01), "optimizer").learning_rate == 0.01


def test_a_schedule_has_no_learning_rate():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 9)
    assert value(keras.optimizers.Adam(schedule), "optimizer").learning_rate is None


@pytest.mark.parametrize("make", OBJECTS["optimizer"])
def test_another_rate_leaves_the_rest_as_it_is(make):
    first = value(make(), "optimizer")
    other = first.at_rate(0.25)
    assert float(other.build().learning_rate) == 0.25
    assert {**other.options, "learning_rate": 0, "inner_optimizer": 0} == {
        **first.options,
        "learning_rate": 0,
        "inner_optimizer": 0,
    }


def test_classes_that_the_user_registered_are_named():
    assert value(squares, "loss").registered == ("tests>squares",)
    assert value(Registered(), "loss").registered == ("tests>Registered",)
    assert value(Muon(), "optimizer").registered == ()


def test_a_process_without_the_users_code_can_keep_it_and_says_what_is_missing():
    code = (
        "import sys\n"
        "from imgclass.training.keras_object import KerasObject\n"
        "made = KerasObject(sys.argv[1])\n"
        "assert 'keras' not in sys.modules, repr(made)\n"
        "try: made.build()\n"
        "except ValueError as error: print(error)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code, value(squares, "loss").config],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Expected squares to be known to Keras" in finished.stdout
    assert "Import the module that registers it first." in finished.stdout


def test_its_text_is_canonical():
    config = value(keras.optimizers.SGD(0.1), "optimizer").config
    assert config == json.dumps(json.loads(config), sort_keys=True)


@pytest.mark.parametrize(
    "described",
    [
        {"module": "keras_hub.layers", "class_name": "X", "config": {}, "registered_name": "X"},
        {"module": "os", "class_name": "system", "config": {}, "registered_name": "system"},
        {"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "x"}},
        {"module": "os", "class_name": "function", "config": "system"},
        {
            "module": "keras.optimizers",
            "class_name": "SGD",
            "config": {"learning_rate": {"class_name": "__lambda__", "config": {"value": ""}}},
        },
    ],
)
def test_a_class_that_is_not_of_keras_is_not_built(described):
    with pytest.raises(UsageError):
        KerasObject(json.dumps(described)).build()


def test_every_metric_of_keras_that_takes_no_arguments_is_built():
    found = [kind for kind in vars(keras.metrics).values() if isinstance(kind, type)]
    for kind in found:
        try:
            metric = kind()
        except TypeError:
            continue
        if type(metric) is not keras.metrics.Metric:
            assert type(keras_object("metrics", metric, kind="metric").build()) is kind
