from dataclasses import replace

import pytest

from imgclass.data.manifest import Manifest, Sample
from imgclass.execution.price import Costs
from imgclass.execution.ways import guessed, is_open, list_ways, may_train_backbone
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS
from imgclass.models.spec import ModelSpec
from imgclass.training.config import TrainingConfig
from imgclass.training.speed import Speed

HEAD = Speed(frozen=0.01, step=0.0001, scoring=0.0001, start=2.0)
COSTS = Costs(building=1.0, decoding=0.002, pixels=224 * 224, speeds=(HEAD,), views=4)
BOTH = replace(COSTS, speeds=(HEAD, guessed(HEAD)))
ASKED = Experiment("efficientnet_lite0")
FROZEN = ModelSpec(image_size=(224, 224), weights="imagenet", trainable=False)


def photographs(train):
    samples = [
        Sample(f"{split}/{i}", "cat", split, "0" * 64, 500, 375, "")
        for split, n in (("train", train), ("val", 100))
        for i in range(n)
    ]
    return Manifest(("cat",), tuple(samples))


MANY, FEW = photographs(3000), photographs(300)


def ways(asked=ASKED, manifest=MANY, costs=BOTH, *, spec=FROZEN, has_card=False):
    training = replace(asked.training, batch_size=32)
    resolved = replace(asked, spec=spec, training=training, augmentation=PRESETS["none"])
    found = list_ways(asked, resolved, costs, manifest, has_card=has_card)
    return [(way.experiment, way.least) for way in found]


def test_of_a_pretrained_network_the_last_stages_are_trained_rather_than_the_head_alone():
    tried = [
        (e.training.head_epochs > 0, e.spec.image_size, e.augmentation != PRESETS["none"])
        for e, _ in ways()
    ]
    assert tried[:3] == [
        (True, (288, 288), True),
        (True, (224, 224), True),
        (True, (224, 224), False),
    ]
    assert [size for _, size, _ in tried[3:]] == [(side, side) for side in (224, 192, 160, 128, 96)]
    assert not any(has_phases for has_phases, _, _ in tried[3:])


def test_better_ways_cost_more_time():
    least = [seconds for _, seconds in ways()]
    assert least == sorted(least, reverse=True)


def test_the_last_stages_begin_where_the_architecture_says_and_are_in_float32_on_a_processor():
    training = ways()[0][0].training
    assert (training.unfreeze, training.precision) == ("stage6", "float32")
    assert ways(has_card=True)[0][0].training.precision == "auto"


def test_what_the_user_said_stays_in_every_way():
    asked = replace(
        ASKED,
        spec=ModelSpec(image_size=(180, 180)),
        training=TrainingConfig(batch_size=16, label_smoothing=0.05, precision="mixed_bfloat16"),
        augmentation=PRESETS["strong"],
    )
    for experiment, _ in ways(asked):
        training = experiment.training
        assert experiment.spec.image_size == (180, 180)
        assert experiment.augmentation == PRESETS["strong"]
        assert (training.batch_size, training.label_smoothing) == (16, 0.05)
        assert training.precision == "mixed_bfloat16"


@pytest.mark.parametrize("trainable", [True, False])
def test_whether_the_backbone_learns_is_left_open_only_if_the_user_did_not_say(trainable):
    resolved = replace(ASKED, spec=FROZEN)
    assert is_open(ASKED, resolved)
    asked = replace(ASKED, spec=ModelSpec(trainable=trainable))
    assert not is_open(asked, replace(asked, spec=replace(FROZEN, trainable=trainable)))


def test_the_backbone_stays_as_it_is_where_photographs_are_few():
    resolved = replace(ASKED, spec=FROZEN)
    assert may_train_backbone(ASKED, resolved, MANY)
    assert not may_train_backbone(ASKED, resolved, FEW)


def test_without_the_speed_of_the_last_stages_only_the_head_is_trained():
    assert all(e.training.head_epochs == 0 for e, _ in ways(costs=COSTS))


def test_a_network_from_scratch_has_one_way_which_may_end_within_its_first_epoch():
    spec = ModelSpec(image_size=(32, 32), trainable=True)
    asked = Experiment("cnn")
    resolved = replace(asked, spec=spec, augmentation=PRESETS["light"])
    (way,) = list_ways(asked, resolved, COSTS, MANY, has_card=False)
    assert way.experiment == asked
    assert way.fewest < 1 < way.most
