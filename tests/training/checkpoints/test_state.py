import json

import pytest

from imgclass.serialization import dump_json, from_plain
from imgclass.training.checkpoints.state import Place, TrainingState
from imgclass.training.config import TrainingConfig


@pytest.mark.parametrize(
    ("place", "said"),
    [((0, 0), "the start"), ((0, 3), "epoch 1, batch 3"), ((2, 0), "epoch 2")],
)
def test_a_place_is_described_with_numbers_from_one(place, said):
    epoch, batch = place
    assert str(Place(epoch, 1, 0, 4, batch=batch)) == said


def test_a_state_is_the_same_after_json(make_state):
    state = make_state(
        3,
        2,
        added=((4, 6), (6, 9)),
        callbacks=({"wait": 1, "best": {"float": "inf"}}, {}),
        config=TrainingConfig(epochs=4, head_epochs=1, unfreeze="block5", metrics=("auc",)),
    )
    assert from_plain(TrainingState, json.loads(dump_json(state))) == state


@pytest.mark.keras
def test_a_recipe_with_an_optimizer_object_is_the_same_after_json(make_state):
    import keras

    config = TrainingConfig(epochs=4, optimizer=keras.optimizers.AdamW(0.01, use_ema=True))
    state = make_state(config=config)
    assert from_plain(TrainingState, json.loads(dump_json(state))) == state
