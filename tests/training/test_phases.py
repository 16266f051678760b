from dataclasses import replace

import numpy as np
import pytest

from imgclass import ModelSpec, Trainer, TrainingConfig, architectures
from imgclass.errors import UsageError
from imgclass.training.phases import plan_phases

pytestmark = pytest.mark.keras

TWO = TrainingConfig(epochs=3, head_epochs=1, learning_rate=0.01, precision="float32")


def fit(model, flows, config=TWO, **fields):
    return Trainer(replace(config, **fields), progress=False).fit(model, flows)


def names(layers):
    return [layer.name for layer in layers]


def test_without_head_epochs_there_is_one_phase_that_touches_no_layer(make_deep):
    (phase,) = plan_phases(make_deep(), TrainingConfig(epochs=4))
    assert (phase.epochs, phase.learning, phase.frozen) == (4, (), ())


def test_the_head_learns_alone_and_then_with_the_backbone_at_a_tenth_of_the_rate(make_deep):
    head, tuned = plan_phases(make_deep(), TWO)
    assert (head.epochs, tuned.epochs) == (1, 2)
    assert (head.learning_rate, tuned.learning_rate) == (0.01, pytest.approx(0.001))
    norms = [name for name in names(head.frozen) if "norm" in name]
    assert names(tuned.frozen) == norms  # their statistics stay
    assert sorted(names(head.frozen)) == sorted(names(tuned.learning) + norms)
    assert not {"head1", "logits"} & set(names(head.frozen))


def test_an_explicit_rate_for_fine_tuning_is_used(make_deep):
    assert plan_phases(make_deep(), replace(TWO, fine_tune_rate=0.5))[1].learning_rate == 0.5


@pytest.mark.parametrize(
    ("unfreeze", "learning"),
    [
        ("stage2_conv2", ["stage2_conv2"]),
        ("stage1_act1", ["stage1_conv2", "stage2_conv1", "stage2_conv2"]),
        (1, ["stage2_conv2"]),
        (3, ["stage1_conv2", "stage2_conv1", "stage2_conv2"]),
    ],
)
def test_the_backbone_learns_from_the_layer_or_the_count_given(make_deep, unfreeze, learning):
    _, tuned = plan_phases(make_deep(), replace(TWO, unfreeze=unfreeze))
    assert names(tuned.learning) == learning
    assert len(tuned.frozen) == 8 - len(learning)


@pytest.mark.parametrize("unfreeze", ["block5", 9])
def test_an_unknown_layer_is_refused_with_the_known_ones(make_deep, unfreeze):
    with pytest.raises(UsageError, match=rf"4 layers.*{unfreeze}.*'stage2_conv2', 'stage2_conv1'"):
        plan_phases(make_deep(), replace(TWO, unfreeze=unfreeze))


def test_a_model_without_a_backbone_is_refused(make_deep):
    model = make_deep()
    for layer in model.layers:
        layer.trainable = layer.name in {"head1", "logits"}
    with pytest.raises(UsageError, match=r"frozen for good.*--head-epochs"):
        plan_phases(model, TWO)


class Watch:
    """A callback that records the layers at the end of every epoch."""

    def __init__(self):
        import keras

        self.weights, self.rates = [], []
        self.callback = keras.callbacks.LambdaCallback(on_epoch_end=self.see)

    def fit(self, model, flows, **fields):
        self.model = model
        self.before = self.read()
        config = replace(TWO, schedule="constant", **fields)
        return Trainer(config, callbacks=[self.callback], progress=False).fit(model, flows)

    def read(self):
        return {layer.name: layer.get_weights() for layer in self.model.layers if layer.weights}

    def see(self, *_):
        self.weights.append(self.read())
        self.rates.append(float(self.model.optimizer.learning_rate))


def moved(before, after):
    pairs = ((name, zip(before[name], after[name], strict=True)) for name in before)
    return {name for name, both in pairs if any((a != b).any() for a, b in both)}


def test_only_unfrozen_layers_change_in_a_phase_moving_averages_included(make_deep, make_flows):
    watch = Watch()
    watch.fit(make_deep(), make_flows(), unfreeze="stage2_conv2")
    first, _, last = watch.weights
    assert moved(watch.before, first) == {"head1", "logits"}
    assert moved(watch.before, last) == {"head1", "logits", "stage2_conv2"}
    assert watch.rates == pytest.approx([0.01, 0.001, 0.001])


def test_one_history_has_the_epochs_of_both_phases(make_deep, make_flows):
    flows = make_flows()
    history = fit(make_deep(), flows, schedule="constant")
    assert len(history.epochs) == 3
    assert [e.learning_rate for e in history.epochs] == pytest.approx([0.01, 0.001, 0.001])
    assert flows.train_augmented.started == [0, 1, 2]
    assert not history.stopped_early


def test_the_best_weights_of_both_phases_are_kept(make_deep, make_flows):
    flows, model = make_flows(), make_deep()
    # At such a rate the second phase wrecks the network: the best epoch is in the first.
    history = fit(
        model, flows, epochs=6, head_epochs=4, fine_tune_rate=1e3, schedule="constant", patience=9
    )
    right = [
        model.predict_on_batch(images).argmax(1) == labels.argmax(1)
        for images, labels in (flows.val[i] for i in range(len(flows.val)))
    ]
    assert np.concatenate(right).mean() == pytest.approx(history.best.val_accuracy)
    assert history.best.val_accuracy == max(epoch.val_accuracy for epoch in history.epochs)


def test_patience_ends_a_phase_and_not_the_training(make_deep, make_flows):
    # At such a rate the head gets worse and worse.
    rates = {"learning_rate": 10.0, "fine_tune_rate": 1e-3, "schedule": "constant"}
    history = fit(make_deep(), make_flows(), epochs=40, head_epochs=36, patience=2, **rates)
    assert 0 < history.last_phase < 36
    assert {epoch.phase for epoch in history.epochs[history.last_phase :]} == {2}
    assert history.epochs[-1].learning_rate == pytest.approx(1e-3)


def test_a_pretrained_network_is_fine_tuned_from_a_block_up(make_flows):
    import keras

    spec = ModelSpec(image_size=(32, 32), depth=1, width=4)
    model = architectures["vgg16"](spec, 2)
    flows = replace(make_flows(train=8, val=8), image_size=(32, 32))
    for flow in (flows.train_augmented, flows.val):
        flow.images = np.asarray(keras.ops.repeat(keras.ops.repeat(flow.images, 4, 1), 4, 2))
    history = fit(model, flows, epochs=2, unfreeze="block5")
    assert len(history.epochs) == 2
    learning = [layer.name for layer in model.layers if layer.trainable and layer.weights]
    assert learning[0] == "block5_conv1"
    assert "block4_conv3" not in learning
