import sys
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.keras


@pytest.fixture
def find(monkeypatch):
    """The accelerators found with a backend whose package is replaced by one with these devices."""
    import keras

    from imgclass.training.accelerators import find_accelerators

    def under(backend, package, *, zeros=None):
        monkeypatch.setattr(keras.config, "backend", lambda: backend)
        monkeypatch.setitem(sys.modules, backend, package)
        if zeros:
            monkeypatch.setattr(keras.ops, "zeros", lambda _: zeros)
        return [(a.kind, a.name, a.has_bfloat16) for a in find_accelerators()]

    return under


def jax_with(*devices):
    return SimpleNamespace(devices=lambda: [SimpleNamespace(**facts) for facts in devices])


def tensorflow_with(*details):
    config = SimpleNamespace(
        get_visible_devices=lambda kind: details if kind == "GPU" else (),
        experimental=SimpleNamespace(get_device_details=lambda facts: facts),
    )
    return SimpleNamespace(config=config)


def torch_with(*cards):
    cuda = SimpleNamespace(
        device_count=lambda: len(cards),
        get_device_name=lambda card: cards[card][0],
        get_device_capability=lambda card: cards[card][1],
    )
    return SimpleNamespace(cuda=cuda)


def on(kind):
    return SimpleNamespace(device=SimpleNamespace(type=kind))


def test_tensorflow_names_its_cards(find):
    cards = (
        {"device_name": "H100", "compute_capability": (9, 0)},
        {"device_name": "T4", "compute_capability": (7, 5)},
        {},
    )
    found = find("tensorflow", tensorflow_with(*cards))
    assert found == [("gpu", "H100", True), ("gpu", "T4", False), ("gpu", "GPU", False)]


def test_jax_names_its_cards_and_tpus(find):
    devices = (
        {"platform": "gpu", "device_kind": "H100", "compute_capability": "9.0"},
        {"platform": "gpu", "device_kind": "B200", "compute_capability": "10.0"},
        {"platform": "gpu", "device_kind": "T4", "compute_capability": "7.5"},
        {"platform": "gpu", "device_kind": "another maker's", "compute_capability": "gfx90a"},
        {"platform": "tpu", "device_kind": "TPU v4"},
    )
    assert find("jax", jax_with(*devices)) == [
        ("gpu", "H100", True),
        ("gpu", "B200", True),
        ("gpu", "T4", False),
        ("gpu", "another maker's", False),
        ("tpu", "TPU v4", True),
    ]


def test_jax_on_the_processor_has_none(find):
    assert find("jax", jax_with({"platform": "cpu", "device_kind": "cpu"})) == []


def test_torch_names_its_cards(find):
    package = torch_with(("H100", (9, 0)), ("T4", (7, 5)))
    found = find("torch", package, zeros=on("cuda"))
    assert found == [("gpu", "H100", True), ("gpu", "T4", False)]


def test_torch_set_to_the_processor_has_none(find):
    assert find("torch", torch_with(("H100", (9, 0))), zeros=on("cpu")) == []


def test_torch_on_a_card_of_another_maker_has_no_known_bfloat16(find):
    assert find("torch", torch_with(), zeros=on("mps")) == [("gpu", "GPU (mps)", False)]


def test_a_backend_that_cannot_train_has_none(find):
    assert find("numpy", SimpleNamespace()) == []
