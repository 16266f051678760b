"""The seven experiments of the notebook *Multi Class Image Classification using Keras*.

Its val accuracies were read on 2,500 images. It kept train and val accuracies of experiments 2 and
3 only; those of the others are set by hand so that its author's conclusions follow from them.
"""

from itertools import combinations
from statistics import NormalDist

import pytest

from imgclass.diagnosis import Diagnoser
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS
from imgclass.models.spec import ModelSpec
from imgclass.statistics import difference_interval
from imgclass.training.config import TrainingConfig

FIVE = (1024, 512, 256, 128, 64)

# number: (architecture, fields of the spec, train, val), then (findings, changes recommended)
EXPERIMENTS = {
    1: (
        ("vgg16", {"trainable": False, "head_units": (256, 64)}, 0.66, 0.63),
        ({"high_bias", "within_noise"}, ("trainable False to True",)),
    ),
    2: (
        ("vgg16", {"head_units": (256, 64), "dropout": 0.2}, 0.915, 0.803),
        ({"high_variance", "high_bias"}, ("augmentation none to light",)),
    ),
    3: (
        ("vgg16", {"head_units": FIVE, "pooling": "max"}, 0.948, 0.806),
        ({"high_variance"}, ("augmentation none to light",)),
    ),
    4: (
        ("vgg16", {"head_units": FIVE, "pooling": "max", "dropout": 0.05}, 0.945, 0.80),
        ({"high_variance"}, ("augmentation none to light",)),
    ),
    5: (
        ("vgg19", {"head_units": FIVE, "pooling": "max"}, 0.94, 0.79),
        ({"high_variance"}, ("augmentation none to light",)),
    ),
    6: (
        ("vgg16", {"head_units": (*FIVE, 32), "pooling": "max"}, 0.945, 0.80),
        ({"high_variance"}, ("augmentation none to light",)),
    ),
    7: (
        ("vgg16", {"head_units": (*FIVE, 32), "pooling": "max", "dropout": 0.1}, 0.94, 0.795),
        ({"high_variance"}, ("augmentation none to light",)),
    ),
}
TEST_ACCURACY = {2: 0.8020, 3: 0.8232, 4: 0.8108, 6: 0.8020, 7: 0.7980}
TEST_IMAGES = 2_500


@pytest.fixture(scope="module")
def diagnose(make_evidence):
    def run(number):
        architecture, spec, train, val = EXPERIMENTS[number][0]
        experiment = Experiment(
            architecture=architecture,
            spec=ModelSpec(image_size=(32, 32), depth=2, width=256, weights="imagenet", **spec),
            training=TrainingConfig(
                epochs=20, batch_size=256, learning_rate=1e-3, schedule="constant", patience=50
            ),
            augmentation=PRESETS["none"],
        )
        return Diagnoser().diagnose(make_evidence(train, val, experiment=experiment))

    return run


@pytest.mark.parametrize("number", EXPERIMENTS)
def test_the_diagnosis_is_its_authors_conclusion(diagnose, number):
    findings, changes = EXPERIMENTS[number][1]
    diagnosis = diagnose(number)
    assert {finding.name for finding in diagnosis.findings} == findings
    assert diagnosis.recommendation.changes == changes


def test_experiment_1_is_first_of_all_biased(diagnose):
    assert diagnose(1).verdict.name == "high_bias"


def test_experiment_2_leads_to_a_more_complex_head_against_its_bias(diagnose):
    bias = next(f for f in diagnose(2).findings if f.name == "high_bias")
    heads = [recommendation.experiment.spec.head_units for recommendation in bias.recommendations]
    assert (512, 256, 64) in heads


def test_experiment_3_leads_to_what_its_author_asked_for_at_the_end(diagnose):
    changes = [r.changes[0].split()[0] for r in diagnose(3).verdict.recommendations]
    assert changes == ["augmentation", "dropout", "l2", "epochs"]


def test_the_five_best_differ_by_less_than_their_noise():
    pairs = list(combinations(TEST_ACCURACY.values(), 2))
    # Ten comparisons: each at 99.5 % for 95 % together (Bonferroni).
    z = NormalDist().inv_cdf(1 - 0.05 / len(pairs) / 2)
    for a, b in pairs:
        counts = [(round(share * TEST_IMAGES), TEST_IMAGES) for share in (a, b)]
        low, high = difference_interval(*counts, z=z)
        assert low < 0 < high


def test_the_frozen_backbone_differs_from_the_others_beyond_noise():
    for accuracy in TEST_ACCURACY.values():
        low, _ = difference_interval(
            (round(accuracy * TEST_IMAGES), TEST_IMAGES), (round(0.6296 * TEST_IMAGES), TEST_IMAGES)
        )
        assert low > 0.1
