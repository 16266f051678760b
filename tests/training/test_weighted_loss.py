import keras
import numpy as np
import pytest

from imgclass import Trainer, TrainingConfig
from imgclass.errors import UsageError
from imgclass.training.names import LOSSES
from imgclass.training.recipe import make_loss

pytestmark = pytest.mark.keras

ONE_HOT = np.eye(3, dtype="float32")[[0, 1, 2, 1]]
MIXED = np.float32([[0.5, 0.5, 0], [0, 1, 0], [0.25, 0, 0.75], [1, 0, 0]])
PROBABILITIES = np.float32([[0.8, 0.1, 0.1], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8], [0.6, 0.3, 0.1]])
WEIGHTS = (1.0, 2.0, 4.0)


@pytest.mark.parametrize("targets", [ONE_HOT, MIXED])
def test_an_image_counts_with_the_sum_of_weight_times_target(targets):
    config = TrainingConfig(label_smoothing=0.2)
    weighted = make_loss(config, class_weights=WEIGHTS)(targets, PROBABILITIES)
    plain = keras.losses.CategoricalCrossentropy(label_smoothing=0.2, reduction=None)
    each = np.asarray(plain(targets, PROBABILITIES)) * (targets @ WEIGHTS)
    assert float(weighted) == pytest.approx(each.mean())


@pytest.mark.parametrize("name", [None, *LOSSES])
def test_weights_of_one_change_no_loss(name):
    config = TrainingConfig(loss=name)
    weighted = make_loss(config, class_weights=(1.0, 1.0, 1.0))(ONE_HOT, PROBABILITIES)
    plain = make_loss(config)(ONE_HOT, PROBABILITIES)
    assert float(weighted) == pytest.approx(float(np.mean(plain)), rel=1e-6)


def test_weights_change_what_is_minimised_and_no_figure_beside_it(make_model, make_flows):
    def history(**changes):
        config = TrainingConfig(epochs=1, precision="float32", learning_rate=1e-9, **changes)
        return Trainer(config, progress=False).fit(make_model(), make_flows()).best

    plain, weighted = history(), history(class_weights={"dark": 3.0, "light": 3.0})
    assert weighted.val_loss == pytest.approx(plain.val_loss, rel=1e-4)
    assert weighted.val_accuracy == plain.val_accuracy
    assert weighted.objective == pytest.approx(3 * plain.objective, rel=1e-3)


def test_an_unknown_class_is_refused_before_training(make_model, make_flows):
    flows = make_flows()
    config = TrainingConfig(epochs=1, class_weights={"lihgt": 2.0})
    with pytest.raises(UsageError, match="Did you mean 'light'"):
        Trainer(config, progress=False).fit(make_model(), flows)
    assert flows.train_augmented.started == []


def test_a_file_of_a_callback_loads_without_imgclass(make_model, make_flows, tmp_path):
    file = keras.callbacks.ModelCheckpoint(tmp_path / "model.keras")
    config = TrainingConfig(epochs=1, class_weights="balanced", precision="float32")
    Trainer(config, callbacks=file, progress=False).fit(make_model(), make_flows())
    assert keras.saving.load_model(tmp_path / "model.keras").loss is None


def test_an_old_file_that_would_name_the_loss_is_refused(make_model, make_flows, tmp_path):
    file = keras.callbacks.ModelCheckpoint(str(tmp_path / "model.h5"))
    config = TrainingConfig(epochs=1, class_weights="balanced")
    with pytest.raises(UsageError, match="would name a loss that only imgclass has"):
        Trainer(config, callbacks=file, progress=False).fit(make_model(), make_flows())
