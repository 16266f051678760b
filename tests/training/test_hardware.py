import random

import numpy as np
import pytest

from imgclass.training import hardware
from imgclass.training.accelerators import Accelerator

pytestmark = pytest.mark.keras


H100 = Accelerator("gpu", "H100", has_bfloat16=True)
T4 = Accelerator("gpu", "T4", has_bfloat16=False)
TPU = Accelerator("tpu", "TPU v4", has_bfloat16=True)


@pytest.fixture
def machine(monkeypatch):
    """Describe a backend on these accelerators and a processor with these flags."""
    import keras

    def describe(backend, *accelerators, flags="avx2 avx512_bf16"):
        facts = ["model name\t: Two Cores", f"flags\t\t: {flags}"]
        monkeypatch.setattr(keras.config, "backend", lambda: backend)
        monkeypatch.setattr(hardware, "find_accelerators", lambda: accelerators)
        monkeypatch.setattr(hardware, "_processor_facts", lambda: facts)
        return hardware.describe_compute()

    return describe


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
@pytest.mark.parametrize(
    ("accelerator", "precision"),
    [(H100, "mixed_bfloat16"), (T4, "float32"), (TPU, "mixed_bfloat16")],
)
def test_the_accelerator_decides_the_precision_whatever_the_processor_has(
    machine, backend, accelerator, precision
):
    for flags in ("avx2", "avx2 avx512_bf16"):
        found = machine(backend, accelerator, flags=flags)
        assert found.precision == precision
        assert accelerator.name in found.precision_reason


@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
@pytest.mark.parametrize(
    ("flags", "precision"), [("avx512_bf16", "mixed_bfloat16"), ("avx512f", "float32")]
)
def test_without_an_accelerator_the_processor_decides_the_precision(
    machine, backend, flags, precision
):
    found = machine(backend, flags=flags)
    assert found.precision == precision == hardware.choose_precision("auto")
    assert "processor" in found.precision_reason


@pytest.mark.parametrize(
    ("precision", "flags", "accelerators", "may_be_slow"),
    [
        ("auto", "avx2", (), False),
        ("float32", "avx2", (), False),
        ("mixed_float16", "avx2 avx512_bf16", (), True),
        ("mixed_bfloat16", "avx2", (), True),
        ("mixed_bfloat16", "avx2 avx512_bf16", (), False),
        ("mixed_float16", "avx2", (T4,), False),
    ],
)
def test_a_precision_that_a_processor_is_not_known_to_be_fast_in_is_warned_of(
    machine, precision, flags, accelerators, may_be_slow
):
    machine("tensorflow", *accelerators, flags=flags)
    said = hardware.warn_of_precision(precision)
    assert [precision in sentence for sentence in said] == [True] * may_be_slow


def test_a_processor_has_the_matrix_unit_if_it_trains_and_names_it(machine):
    machine("tensorflow", flags="avx512_bf16 amx_tile amx_bf16")
    assert hardware.has_bfloat16_matrices()
    machine("tensorflow", flags="avx512_bf16 amx_tile")
    assert not hardware.has_bfloat16_matrices()
    machine("tensorflow", H100, flags="amx_bf16")
    assert not hardware.has_bfloat16_matrices()


def test_jax_on_a_processor_computes_in_float32(machine):
    assert machine("jax").precision == "float32"


@pytest.mark.parametrize(
    ("backend", "accelerators", "compilation"),
    [
        ("tensorflow", (), False),
        ("tensorflow", (H100,), "auto"),
        ("jax", (), True),
        ("jax", (H100,), True),
        ("torch", (), False),
        ("torch", (H100,), False),
    ],
)
def test_compilation_is_chosen_by_backend_and_device(machine, backend, accelerators, compilation):
    found = machine(backend, *accelerators)
    assert found.compilation == compilation == hardware.choose_compilation()
    assert found.compilation_reason


def test_the_devices_are_named(machine):
    assert machine("jax", H100, T4).devices == ("H100", "T4")
    assert hardware.describe_processor() == "H100"
    assert machine("jax").devices == ("Two Cores",)
    assert hardware.describe_processor() == "Two Cores"


def test_an_explicit_precision_is_used():
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
