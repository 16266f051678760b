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


def test_a_rate_is_found_or_given():
    with pytest.raises(UsageError, match=r"find_rate=True and learning_rate=0\.1\."):
        TrainingConfig(find_rate=True, learning_rate=0.1)
    assert TrainingConfig(find_rate=False, learning_rate=0.1).learning_rate == 0.1


@pytest.mark.keras
def test_class_weights_beside_a_loss_that_may_be_one_number_are_refused():
    import keras

    with pytest.raises(UsageError, match=r"class_weights='balanced' beside the object Dice"):
        TrainingConfig(class_weights="balanced", loss=keras.losses.Dice())
    assert TrainingConfig(class_weights="balanced", loss="dice").class_weights == "balanced"


@pytest.mark.keras
@pytest.mark.parametrize(
    ("beside", "named"),
    [
        ({"learning_rate": 0.1}, "learning_rate=0.1"),
        ({"weight_decay": 0.1}, "weight_decay=0.1"),
        ({"schedule": "constant"}, "schedule='constant'"),
        ({"find_rate": True}, "find_rate=True"),
        ({"ema": 0.9}, "ema=0.9"),
        ({"layer_decay": 0.9}, "layer_decay=0.9"),
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
