import pytest

pytestmark = pytest.mark.keras


@pytest.fixture
def training(make_model):
    """The callbacks of a training, and what one of them saw."""
    import keras

    from imgclass.training.best_weights import BestWeights
    from imgclass.training.phase_loop import TrainingCallbacks

    seen = []
    callback = keras.callbacks.LambdaCallback(
        on_train_begin=lambda _: seen.append("begin"), on_train_end=lambda _: seen.append("end")
    )
    best = BestWeights(patience=1)
    made = TrainingCallbacks([callback], best=best, model=make_model(), epochs=4, steps=2)
    return made, seen


def test_a_training_of_several_fits_begins_and_ends_once(training):
    made, seen = training
    for _ in range(2):
        made.on_train_begin()
        made.on_train_end()
    assert seen == ["begin"]
    made.end()
    assert seen == ["begin", "end"]


def test_patience_ends_a_phase_and_not_the_training(training):
    made, _ = training
    made.on_train_begin()
    made.model.stop_training = False
    made.best.is_stalled = True
    made.on_epoch_end(0, {})
    assert made.model.stop_training
    assert not made.is_stopped


def test_a_callback_that_stops_ends_the_training_even_if_patience_has_run_out(training):
    made, _ = training
    made.on_train_begin()
    made.model.stop_training = True
    made.best.is_stalled = True
    made.on_epoch_end(0, {})
    assert made.is_stopped
