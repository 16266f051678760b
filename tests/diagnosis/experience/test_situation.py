from dataclasses import replace
from math import nan

import pytest

from imgclass.diagnosis import MeasuredAccuracy
from imgclass.diagnosis.experience import situation_of
from imgclass.errors import UsageError
from imgclass.flows import PRESETS


def test_a_situation_is_the_numbers_of_a_training(evidence_of):
    evidence = evidence_of(spec={"dropout": 0.2}, augmentation=PRESETS["strong"])
    situation = situation_of(evidence)
    assert (situation.n_train, situation.n_val, situation.classes) == (45_000, 2_500, 10)
    assert (situation.pixels, situation.depth, situation.width) == (1024, 3, 64)
    assert (situation.train, situation.val, situation.rise) == (0.7, 0.7, 0.0)
    assert (situation.dropout, situation.augmentation, situation.pretrained) == (0.2, 1.0, False)


def test_a_network_with_learned_weights_is_another_situation(evidence_of):
    assert situation_of(evidence_of(spec={"weights": "imagenet"})).pretrained


@pytest.mark.parametrize("unknown", [{"experiment": None}, {"val": MeasuredAccuracy(0.7, 100)}])
def test_without_experiment_and_scores_there_is_no_situation(evidence_of, unknown):
    assert situation_of(replace(evidence_of(), **unknown)) is None


@pytest.mark.parametrize("wrong", [{"n_train": 0}, {"l2": -1.0}, {"rise": nan}])
def test_numbers_that_cannot_be_are_refused(make_row, wrong):
    with pytest.raises(UsageError, match="Expected images"):
        replace(make_row(0.0).situation, **wrong)
