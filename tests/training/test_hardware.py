import random

import numpy as np
import pytest

from imgclass.training import hardware

pytestmark = pytest.mark.keras


def processor(monkeypatch, flags):
    monkeypatch.setattr(hardware, "_processor_facts", lambda: [f"flags\t\t: {flags}"])


def test_auto_is_bfloat16_where_the_processor_has_it(monkeypatch):
    processor(monkeypatch, "avx2 avx512_bf16")
    assert hardware.choose_precision("auto") == "mixed_bfloat16"


def test_auto_is_float32_where_the_processor_would_emulate(monkeypatch):
    processor(monkeypatch, "avx2 avx512f")
    assert hardware.choose_precision("auto") == "float32"


def test_a_precision_that_was_asked_for_is_taken():
    assert hardware.choose_precision("mixed_float16") == "mixed_float16"


def test_building_leaves_policy_and_generators_as_they_were():
    import keras

    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - the global generator is what is watched
    expected = random.Random(1).random(), np.random.RandomState(1).rand()
    policy = keras.config.dtype_policy().name
    with hardware.building(precision="mixed_bfloat16", seed=7):
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    assert keras.config.dtype_policy().name == policy
    assert (random.random(), np.random.rand()) == expected  # noqa: NPY002 - the global generator is what is watched


def test_one_seed_builds_one_model_and_another_seed_another(make_model):
    first, same, other = (make_model(seed=seed).get_weights()[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_the_processor_has_a_name():
    assert hardware.describe_processor()
