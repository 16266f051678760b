"""What is said between the trainings of a curve, and what an error is told."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from imgclass.learning_curves.steps import Steps


@pytest.fixture
def steps():
    return Steps(Path("curve"), total=3, console=Console(file=StringIO(), width=200))


def said(steps):
    return steps.console.file.getvalue().splitlines()


def lasting(run, seconds):
    return replace(run, record=replace(run.record, stage_seconds={"training": seconds}))


def test_before_each_training_it_says_which_it_is_and_how_long_all_will_take(steps, made_run):
    steps.take(800, lambda: lasting(made_run, 60.0))
    steps.take(1200, lambda: lasting(made_run, 80.0))
    steps.take(400, lambda: made_run)
    first, score, second, _, third, _ = said(steps)
    assert first == "Training 1 of 3: 800 images."
    assert score == "  val accuracy 80.0 % (75.8 to 83.6 %)"
    assert second == "Training 2 of 3: 1,200 images. 0.0 s so far, about 2 min 0 s left."
    assert third.endswith("about 1 min 10 s left.")


def test_an_error_says_what_is_kept_and_how_to_go_on_and_no_other_way(steps, made_run):
    def fail():
        error = RuntimeError("The disk is full.")
        error.add_note("Go on: imgclass train --resume curve/400-images")
        raise error

    steps.add(made_run)
    with pytest.raises(RuntimeError) as raised:
        steps.take(400, fail)
    assert raised.value.__notes__ == [
        "Kept in curve: 1 of 3 trainings. Give the same command again: it goes on from there."
    ]
