from imgclass.training.history import Epoch, History


def test_the_best_epoch_is_the_one_whose_weights_were_kept():
    epochs = tuple(Epoch(1.0, 0.5, 1.0, accuracy, 1e-3, 1.0) for accuracy in (0.5, 0.7, 0.6))
    history = History(epochs=epochs, best_epoch=1, stopped_early=True, seconds=3.5)
    assert history.best is epochs[1]
