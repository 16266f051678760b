import random

import pytest

from imgclass import Augmentation
from imgclass.diagnosis.ladders import is_excessive


@pytest.fixture
def faults(benchmark):
    return benchmark("faults")


@pytest.fixture
def drawn(benchmark):
    return benchmark("drawn_images").DrawnSet("dots", 1, images=400, side=12, classes=3, wrong=0.2)


def drawn_with(faults, drawn, name, seed=0):
    return faults.faulty(random.Random(seed), drawn, name)


def test_the_same_draw_gives_the_same_fault(faults, drawn):
    for name in faults.FAULTS:
        assert drawn_with(faults, drawn, name) == drawn_with(faults, drawn, name)


def test_a_fault_is_the_only_thing_that_is_wrong(faults, drawn):
    for name in faults.FAULTS:
        images, experiment = drawn_with(faults, drawn, name)
        assert images.wrong == 0
        wrong = {
            "too much dropout": experiment.spec.dropout > 0.5,
            "too much L2": experiment.spec.l2 > 0.01,
            "too much smoothing": (experiment.training.label_smoothing or 0) > 0.3,
            "too much augmentation": is_excessive(experiment.augmentation),
            "a wrong rate": experiment.training.learning_rate is not None,
            "too small": experiment.spec.width < 4,
            "too short": experiment.training.epochs < 4,
            "too few images": experiment.augmentation == Augmentation(),
            "a rare class": images.rare < 1,
        }
        assert [fault for fault, is_so in wrong.items() if is_so] == [name]


def test_a_wrong_rate_is_far_from_the_usual_one_in_both_directions(faults, drawn):
    rates = [
        drawn_with(faults, drawn, "a wrong rate", seed)[1].training.learning_rate
        for seed in range(20)
    ]
    assert all(rate > 0.02 or rate < 5e-5 for rate in rates)
    assert min(rates) < 1e-3 < max(rates)
