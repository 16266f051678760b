import pytest

from imgclass.errors import UsageError
from imgclass.training.config import TrainingConfig


@pytest.mark.parametrize(
    "fields",
    [
        {"head_epochs": -1},
        {"epochs": 10, "head_epochs": 10},
        {"head_epochs": 1, "fine_tune_rate": 0.0},
        {"head_epochs": 1, "unfreeze": 0},
        {"head_epochs": 1, "unfreeze": ""},
        {"unfreeze": "block5"},
        {"fine_tune_rate": 1e-4},
    ],
)
def test_phases_that_cannot_be_are_refused_by_name(fields):
    with pytest.raises(UsageError, match=rf"{list(fields)[-1]}\b.*received"):
        TrainingConfig(**fields)


@pytest.mark.parametrize(
    "metrics", [["auc", "auc"], ["recall", "precision", "recall"]], ids=" ".join
)
def test_two_metrics_of_one_name_are_refused(metrics):
    with pytest.raises(UsageError, match="metrics of different names"):
        TrainingConfig(metrics=metrics)


def test_smoothing_beside_a_loss_that_it_does_not_reach_is_refused():
    with pytest.raises(UsageError, match=r"label_smoothing=0\.3 beside loss='dice'"):
        TrainingConfig(loss="dice", label_smoothing=0.3)


@pytest.mark.keras
@pytest.mark.parametrize(
    ("beside", "named"),
    [
        ({"learning_rate": 0.1}, "learning_rate=0.1"),
        ({"weight_decay": 0.1}, "weight_decay=0.1"),
        ({"schedule": "constant"}, "schedule='constant'"),
    ],
)
def test_what_an_optimizer_object_decides_is_not_given_beside_it(beside, named):
    import keras

    with pytest.raises(UsageError, match=f"received {named} beside SGD"):
        TrainingConfig(optimizer=keras.optimizers.SGD(0.1), **beside)


@pytest.mark.keras
def test_a_schedule_of_an_optimizer_object_needs_a_rate_for_fine_tuning():
    import keras

    optimizer = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 9))
    with pytest.raises(UsageError, match="Expected fine_tune_rate beside head_epochs=1"):
        TrainingConfig(optimizer=optimizer, head_epochs=1)
    assert TrainingConfig(optimizer=optimizer, head_epochs=1, fine_tune_rate=0.1).head_epochs


@pytest.mark.keras
def test_a_metric_under_a_name_that_is_taken_is_refused():
    import keras

    with pytest.raises(UsageError, match="received a further 'accuracy'"):
        TrainingConfig(metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")])
