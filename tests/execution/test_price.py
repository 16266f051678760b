from dataclasses import replace

import pytest

from imgclass.execution.price import Costs, Way, choose, price
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS
from imgclass.models.spec import ModelSpec
from imgclass.training.config import TrainingConfig
from imgclass.training.speed import Speed

COUNTS = {"train": 1000, "val": 100, "test": 100}
HEAD = Speed(frozen=0.01, step=0.001, scoring=0.0005, start=2.0)
REST = Speed(frozen=0.008, step=0.02, scoring=0.005, start=5.0)
COSTS = Costs(building=1.0, decoding=0.002, pixels=224 * 224, speeds=(HEAD,), views=4)
ASKED = Experiment("efficientnet_lite0")
RESOLVED = replace(
    ASKED, spec=ModelSpec(image_size=(224, 224), trainable=False), augmentation=PRESETS["none"]
)
TWO_PHASES = replace(ASKED, training=TrainingConfig(head_epochs=10))


def priced(experiment=ASKED, costs=COSTS, counts=COUNTS, **changes):
    resolved = replace(RESOLVED, **changes)
    return price(experiment, resolved, costs, counts, fewest=1, most=30)


def with_size(side):
    return replace(ASKED, spec=ModelSpec(image_size=(side, side)))


def test_images_cost_their_decoding_a_pass_of_the_frozen_layers_and_their_epochs():
    more = priced(counts=COUNTS | {"train": 2000})
    once = more.fixed - priced().fixed
    assert once == pytest.approx(1000 * (0.01 + 0.002 + 0.0005 + 1e-4))
    assert more.epoch - priced().epoch == pytest.approx(1000 * 0.001 * 1.05)


def test_test_images_are_passed_through_the_frozen_layers_once_after_training():
    more = priced(counts=COUNTS | {"test": 200})
    assert more.closing - priced().closing == pytest.approx(100 * (0.01 + 0.0005 + 1e-4))
    assert more.epoch == priced().epoch


def test_augmented_views_cost_a_pass_each_and_the_clean_images_another_one():
    flipped = replace(ASKED, augmentation=PRESETS["flip"])
    assert priced(flipped).fixed - priced().fixed == pytest.approx(1000 * 0.01 * 4)


def test_larger_images_take_time_by_their_pixels():
    small, large = priced(with_size(112)), priced(with_size(224))
    assert large.fixed - small.fixed == pytest.approx(
        (1100 * 0.01 + 100 * 0.01 + 1300 * 0.0005) * 0.75
    )


def test_two_phases_cost_both_with_the_head_epochs_among_what_is_fixed():
    costs = replace(COSTS, speeds=(HEAD, REST))
    ten, twenty = (
        priced(replace(TWO_PHASES, training=TrainingConfig(head_epochs=n)), costs) for n in (10, 20)
    )
    assert ten.epoch == twenty.epoch == pytest.approx(1.05 * (20 + 0.5) + 0.2)
    assert twenty.fixed - ten.fixed == pytest.approx(10 * priced().epoch)


def test_the_features_of_the_head_are_computed_from_those_of_the_last_stages():
    costs = replace(COSTS, speeds=(HEAD, REST))
    more = priced(TWO_PHASES, costs, COUNTS | {"val": 200}).fixed - priced(TWO_PHASES, costs).fixed
    a_pass, scored = 0.008 + 0.005, 2 * 0.005 + 10 * 1.05 * 0.0005
    assert more == pytest.approx(100 * (a_pass + scored + 0.002 + 1e-4))


def test_mirror_averaging_predicts_every_image_twice_more():
    twice = priced(replace(ASKED, tta=True))
    assert twice.closing - priced().closing == pytest.approx(2 * 0.0105 * 1200)


def test_the_search_for_a_learning_rate_costs_its_steps():
    training = TrainingConfig(find_rate=True, batch_size=32)
    assert priced(training=training).fixed - priced().fixed == pytest.approx(100 * 32 * 0.001)


def test_epochs_fill_the_time_up_to_the_most():
    way = Way(ASKED, fixed=20.0, closing=4.0, epoch=2.0, fewest=3, most=10)
    assert [way.epochs_in(seconds) for seconds in (5, 21, 26.5, 40, 400)] == [0, 0, 3, 10, 10]
    assert way.least == 26.0


def test_the_first_way_that_fits_is_chosen():
    first = Way(ASKED, fixed=20.0, closing=4.0, epoch=2.0, fewest=5, most=10)
    second = replace(first, fixed=10.0)
    assert choose([first, second], 30.0) == (first, 5)
    assert choose([first, second], 29.0) == (second, 9)
    assert choose([first, second], 19.0) is None


def test_an_epoch_may_be_cut_off_where_less_than_one_fits():
    way = Way(ASKED, fixed=20.0, closing=4.0, epoch=100.0, fewest=0.25, most=10)
    assert choose([way], 50.0) == (way, 1)
    assert choose([way], 40.0) is None


def test_the_epochs_of_a_way_come_after_those_of_its_head():
    way = Way(TWO_PHASES, fixed=1.0, closing=1.0, epoch=1.0, fewest=1, most=9)
    assert way.with_epochs(5).training.epochs == 15
