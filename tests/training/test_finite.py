import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from imgclass import Trainer, TrainingConfig
from imgclass.errors import DivergedError
from imgclass.training.history import Epoch

pytestmark = pytest.mark.keras

QUICK = TrainingConfig(epochs=3, precision="float32", optimizer="sgd", schedule="constant")


def fit(model, flows, watch=None, **changes):
    return Trainer(replace(QUICK, **changes), progress=False).fit(model, flows, watch=watch)


def with_batch_paths(flows):
    flow = flows.train_augmented

    def batch_paths(index):
        return flow.paths[index * flow.batch_size : (index + 1) * flow.batch_size]

    flow.batch_paths = batch_paths
    return flows


def without_labels(flow, when):
    """Make the labels of `flow`, and of no other flow, NaN."""
    kind = type(flow)

    class Broken(kind):
        def __getitem__(self, index):
            images, labels = super().__getitem__(index)
            return images, labels * (np.nan if when(self) else 1)

    flow.__class__ = Broken


def breaking(*, weight, after, callbacks):
    """Return a callback that makes a weight infinite after a batch, from the second epoch on."""

    def spoil(batch, logs):
        del logs
        if batch == after and seen["epoch"] == 1:
            variables = callback.model.variables
            variable = next(v for v in variables if v.path.endswith(weight))
            variable.assign(np.full(variable.shape, np.inf))

    seen = {}
    callback = callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, _: seen.update(epoch=epoch), on_train_batch_end=spoil
    )
    return callback


@pytest.fixture
def break_model(make_flows, make_model):
    """Train a model whose weight becomes infinite in epoch 2; return it, the error, the epochs."""

    def run(weight, after, **changes):
        import keras

        kept = []

        class Watch:
            def ready(self):
                pass

            def epoch_ended(self, epoch, best):
                kept.append((epoch, best.get_weights() if best else None))

        model = make_model()
        callback = breaking(weight=weight, after=after, callbacks=keras.callbacks)
        trainer = Trainer(replace(QUICK, **changes), callbacks=callback, progress=False)
        with pytest.raises(DivergedError) as raised:
            trainer.fit(model, make_flows(), watch=Watch())
        return model, raised.value, kept

    return run


def test_a_loss_that_is_not_finite_names_epoch_batch_images_and_remedy(make_flows, make_model):
    flows = with_batch_paths(make_flows())
    flows.train_augmented.images[9] = np.nan
    with pytest.raises(DivergedError) as raised:
        fit(make_model(), flows, learning_rate=0.01)
    error = raised.value
    assert str(error) == (
        "Expected a finite loss; received nan in epoch 1, batch 2, of the images '0/8.png', "
        "'1/9.png', '0/10.png' and 5 more. Lower the learning rate by a factor of 10, to 0.001 "
        "(--learning-rate 0.001); if that does not help, look at these images and their labels."
    )
    assert error.images[0] == Path("data/train/0/8.png")
    assert len(error.images) == 8


def test_the_error_has_the_epoch_with_what_is_known(make_flows, make_model):
    flows = make_flows()
    flows.train_augmented.images[9] = np.nan
    with pytest.raises(DivergedError) as raised:
        fit(make_model(), flows)
    epoch = raised.value.epoch
    assert isinstance(epoch, Epoch)
    assert math.isnan(epoch.objective)
    assert math.isnan(epoch.val_accuracy)
    assert epoch.learning_rate > 0
    assert epoch.seconds > 0
    assert raised.value.images == ()


def test_without_a_whole_epoch_the_model_has_the_weights_it_began_with(make_flows, make_model):
    flows, model = make_flows(), make_model()
    flows.train_augmented.images[9] = np.nan
    before = model.get_weights()
    with pytest.raises(DivergedError):
        fit(model, flows)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


def test_after_whole_epochs_the_model_has_the_weights_of_the_best(break_model):
    model, error, kept = break_model("logits/kernel", 0)
    assert "epoch 2, batch 2" in str(error)
    ((_, best),) = kept
    assert all((a == b).all() for a, b in zip(best, model.get_weights(), strict=True))


def test_a_moving_average_that_overflows_ends_the_epoch_in_which_it_does(break_model):  # R17
    # Batch normalisation does not use it in training, so that the loss stays finite. In validation
    # an infinite variance makes zeros, so that the val loss is a number without meaning.
    _, error, kept = break_model("moving_variance", 3)
    assert "received infinity in stage1_norm1/moving_variance after epoch 2" in str(error)
    assert len(kept) == 1
    assert math.isfinite(error.epoch.loss)
    assert math.isnan(error.epoch.val_loss)


def test_a_val_loss_that_is_not_finite_ends_the_epoch(make_flows, make_model):
    flows = make_flows()
    without_labels(flows.val, lambda _: True)
    with pytest.raises(DivergedError, match="a finite val loss; received nan after epoch 1"):
        fit(make_model(), flows)


def test_the_remedy_of_the_second_phase_is_its_own_rate(make_flows, make_deep):
    flows = make_flows()
    without_labels(flows.train_augmented, lambda flow: flow.started[-1:] == [1])
    with pytest.raises(DivergedError, match=r"epoch 2, batch 1.*\(--fine-tune-rate 0\.0001\)"):
        fit(make_deep(), flows, learning_rate=0.01, head_epochs=1)


def test_the_remedy_names_no_rate_where_it_is_a_schedule(make_flows, make_model):
    import keras

    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    flows = make_flows()
    flows.train_augmented.images[9] = np.nan
    config = TrainingConfig(epochs=1, optimizer=keras.optimizers.SGD(rate), precision="float32")
    with pytest.raises(DivergedError, match="by a factor of 10; if that does not help"):
        Trainer(config, progress=False).fit(make_model(), flows)
