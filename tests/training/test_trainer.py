from dataclasses import replace

import numpy as np
import pytest

from imgclass import Trainer, TrainingConfig
from imgclass.errors import DatasetError, TrainingError

pytestmark = pytest.mark.keras

QUICK = TrainingConfig(epochs=1, precision="float32")


def trainer(**changes):
    return Trainer(replace(QUICK, **changes), progress=False)


def test_a_model_learns_what_can_be_learned(make_flows, make_model):
    history = trainer(epochs=8, learning_rate=0.01).fit(make_model(), make_flows())
    assert history.epochs[-1].loss < history.epochs[0].loss
    assert history.best.val_accuracy == 1.0


def test_the_model_ends_with_the_weights_of_its_best_epoch(make_flows, make_model):
    flows, model = make_flows(), make_model()
    history = trainer(epochs=4, learning_rate=0.3, schedule="constant").fit(model, flows)
    right = [
        (model.predict_on_batch(images).argmax(1) == labels.argmax(1))
        for images, labels in (flows.val[i] for i in range(len(flows.val)))
    ]
    assert np.concatenate(right).mean() == pytest.approx(history.best.val_accuracy)
    assert history.best.val_accuracy == max(epoch.val_accuracy for epoch in history.epochs)


def test_patience_ends_training_that_gets_no_better(make_flows, make_model):
    history = trainer(epochs=30, patience=2, learning_rate=0.01).fit(make_model(), make_flows())
    assert history.stopped_early
    assert len(history.epochs) == history.best_epoch + 1 + 2


def test_every_epoch_starts_the_flow_anew(make_flows, make_model):
    flows = make_flows()
    trainer(epochs=3).fit(make_model(), flows)
    assert flows.fit.started == [0, 1, 2]


def test_the_same_seed_gives_the_same_history(make_flows, make_model):
    losses = [
        [epoch.loss for epoch in trainer(epochs=2).fit(make_model(), make_flows()).epochs]
        for _ in range(2)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_a_loss_that_is_not_finite_ends_in_an_error_that_names_epoch_and_batch(
    make_flows, make_model
):
    flows = make_flows()
    flows.fit.images[9] = np.nan
    with pytest.raises(TrainingError, match=r"received nan in epoch 1, batch 2.*learning rate"):
        trainer().fit(make_model(), flows)


def test_an_image_that_cannot_be_read_is_named_and_not_wrapped(
    make_flows, make_model, tmp_path, monkeypatch
):
    from imgclass.flows.cached import CachedFlow

    def unreadable(_, index):
        raise DatasetError(f"batch {index}: 1.png is damaged")

    monkeypatch.setattr(CachedFlow, "batch", unreadable)
    images, labels = np.zeros((4, 8, 8, 3), np.uint8), np.array([0, 1, 0, 1])
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    flow = CachedFlow(images, labels, paths=paths, num_classes=2, batch_size=2)
    with pytest.raises(DatasetError, match=r"1\.png is damaged"):
        trainer().fit(make_model(), replace(make_flows(), fit=flow))


def test_training_on_nothing_is_refused(make_flows, make_model):
    with pytest.raises(TrainingError, match="at least one batch of fit images"):
        trainer().fit(make_model(), make_flows(train=0))


@pytest.mark.parametrize("knobs", [{"num_classes": 3}, {"size": (9, 8)}])
def test_a_model_that_does_not_fit_the_flows_is_refused(make_flows, make_model, knobs):
    with pytest.raises(TrainingError, match=r"Expected a model from images of \(8, 8, 3\)"):
        trainer().fit(make_model(**knobs), make_flows())


def test_callbacks_of_the_user_are_called(make_flows, make_model):
    import keras

    seen = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _: seen.append(epoch))
    Trainer(replace(QUICK, epochs=2), callbacks=[callback], progress=False).fit(
        make_model(), make_flows()
    )
    assert seen == [0, 1]


def test_without_a_terminal_there_is_one_plain_line_an_epoch(make_flows, make_model, capsys):
    Trainer(replace(QUICK, epochs=2)).fit(make_model(), make_flows())
    lines = capsys.readouterr().err.strip().splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert "\x1b" not in "".join(lines)
