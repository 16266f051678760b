import re

import pytest

pytestmark = pytest.mark.keras

LOGS = {
    "categorical_crossentropy": 1.0,
    "accuracy": 0.5,
    "val_categorical_crossentropy": 1.2,
    "val_accuracy": 0.4,
}


@pytest.fixture
def progress(terminal_less):
    from imgclass.training.pace import Pace
    from imgclass.training.progress import Progress

    made = Progress(epochs=2, steps=40, batch_size=32, console=terminal_less.console)
    made.pace = Pace(total=80, clock=lambda: made.now)
    made.now = 0.0
    return made


def run_epoch(progress, epoch):
    progress.on_epoch_begin(epoch)
    for batch in range(40):
        progress.now += 2
        progress.on_train_batch_end(batch, LOGS)
    progress.on_epoch_end(epoch, LOGS)


def test_each_epoch_has_a_line_with_its_speed_and_a_forecast_until_the_last(
    progress, terminal_less
):
    run_epoch(progress, 0)
    run_epoch(progress, 1)
    first, last = terminal_less.text().splitlines()
    figures = r"loss 1\.000  accuracy 0\.500  val loss 1\.200  val accuracy 0\.400  16 images/s"
    assert re.fullmatch(rf"epoch 1/2  {figures}  about 80 s left, ends \d\d:\d\d", first)
    assert re.fullmatch(rf"epoch 2/2  {figures}", last)


def test_a_resumed_epoch_moves_the_bar_from_the_batch_where_it_was(progress):
    progress.on_epoch_begin(1)
    progress.on_train_batch_end(30, LOGS)
    assert progress.bar.tasks[0].completed == 71
