import time

import numpy as np
import pytest

from imgclass.flows import PRESETS, Augmentation

pytestmark = pytest.mark.keras


def trained(model, flows, **settings):
    from imgclass import Trainer, TrainingConfig

    config = {"optimizer": "adam", "learning_rate": 0.01, "precision": "float32"} | settings
    Trainer(TrainingConfig(batch_size=8, **config), progress=False).fit(model, flows)
    return model.get_weights()


def whole(monkeypatch):
    """Train on images, as if no layer were frozen."""
    from imgclass.features import Part
    from imgclass.training import phase_loop

    monkeypatch.setattr(phase_loop, "learning_part", lambda model, flows, **_: Part(model, flows))
    monkeypatch.setattr(phase_loop, "keep_inner_features", lambda *_, **__: None)


@pytest.mark.parametrize("preset", ["none", "flip"])
def test_training_on_features_gives_the_weights_of_training_on_images(
    make_model, make_flows, monkeypatch, preset
):
    augmentation, flows = PRESETS[preset], make_flows(PRESETS[preset])
    on_features = trained(make_model(), flows, epochs=4)
    assert flows.features
    whole(monkeypatch)
    on_images = trained(make_model(), make_flows(augmentation), epochs=4)
    for ours, theirs in zip(on_features, on_images, strict=True):
        assert np.allclose(ours, theirs, atol=2e-3)


def test_a_second_phase_trains_on_the_features_of_the_layers_that_stay_frozen(
    make_model, make_flows
):
    flows = make_flows()
    trained(make_model(""), flows, epochs=4, head_epochs=2, unfreeze="third")
    assert {name for name, _, _ in flows.features} == {"sum"}


def test_features_of_augmented_images_are_those_of_the_first_epochs(make_model, make_flows):
    from imgclass.features import learning_part

    flows = make_flows(PRESETS["flip"])
    part = learning_part(make_model(), flows, epochs=9)
    assert len(part.flows.train_augmented.views) == 4
    assert not np.array_equal(*part.flows.train_augmented.views[:2])


@pytest.mark.parametrize(
    ("augmentation", "options"),
    [(Augmentation(mixup=0.5), {}), (PRESETS["flip"], {"sampling": "balanced"})],
)
def test_mixed_labels_and_repeated_augmented_images_need_the_whole_model(
    make_model, make_flows, augmentation, options
):
    from imgclass.features import learning_part

    flows, model = make_flows(augmentation, **options), make_model()
    assert learning_part(model, flows, epochs=2).model is model


def test_nothing_is_computed_ahead_for_a_model_of_which_all_learns(make_model, make_flows):
    from imgclass.features import learning_part

    flows, model = make_flows(), make_model("")
    assert learning_part(model, flows, epochs=2).model is model
    assert not flows.features


def test_scores_from_features_are_those_of_the_whole_model(make_model, make_flows):
    from imgclass import evaluate

    flows, model = make_flows(), make_model("third")
    trained(model, flows, epochs=2)
    from_features = evaluate(model, flows)
    flows.features.clear()
    from_images = evaluate(model, flows)
    assert from_features.scores.keys() == {"train", "val", "test"}
    for split, rows in from_images.probabilities.items():
        assert np.allclose(from_features.probabilities[split], rows, atol=1e-6)


def test_features_of_other_weights_are_not_taken_for_scores(make_model, make_flows):
    from imgclass.features import scoring_part

    flows, model = make_flows(), make_model("third")
    trained(model, flows, epochs=1)
    model.get_layer("first").bias.assign([1.0] * 4)
    assert scoring_part(model, flows).model is model


def test_features_of_earlier_weights_are_dropped(make_model, make_flows):
    from imgclass.features import learning_part

    flows = make_flows()
    learning_part(make_model("third"), flows, epochs=1)
    learning_part(make_model("sum"), flows, epochs=1)
    assert {name for name, _, _ in flows.features} == {"sum"}


def test_an_error_of_the_check_ends_the_computation(make_model, make_flows):
    from imgclass.features import learning_part

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learning_part(make_model(), make_flows(), epochs=1, check=stop)


def test_the_seconds_of_a_training_count_the_pass_for_the_features(
    make_model, make_flows, monkeypatch
):
    from imgclass import Trainer, TrainingConfig
    from imgclass.features import computation, keeper

    def compute_slowly(prefix, flow, *, done):
        time.sleep(0.5)
        return computation.compute_features(prefix, flow, done=done)

    monkeypatch.setattr(keeper, "compute_features", compute_slowly)
    history = Trainer(TrainingConfig(epochs=1), progress=False).fit(make_model(), make_flows())
    assert history.seconds - sum(epoch.seconds for epoch in history.epochs) > 2 * 0.5  # train, val


@pytest.mark.parametrize("preset", ["none", "flip"])
def test_the_first_phase_is_fed_by_features_that_the_second_needs_without_a_further_pass(
    make_model, make_flows, monkeypatch, preset
):
    from imgclass.features import computation, keeper

    settings = {"epochs": 8, "head_epochs": 4, "unfreeze": "third"}
    passes = []

    def compute_features(prefix, flow, *, done):
        passes.append(prefix.input_shape[1:])
        return computation.compute_features(prefix, flow, done=done)

    monkeypatch.setattr(keeper, "compute_features", compute_features)
    on_features = trained(make_model(""), make_flows(PRESETS[preset]), **settings)
    splits = 1 + (1 if preset == "none" else 4)
    assert passes == [(8, 8, 3)] * splits + [(8, 8, 4)] * splits
    whole(monkeypatch)
    on_images = trained(make_model(""), make_flows(PRESETS[preset]), **settings)
    for ours, theirs in zip(on_features, on_images, strict=True):
        assert np.allclose(ours, theirs, atol=5e-3)
