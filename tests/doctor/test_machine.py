import platform

import pytest

from imgclass.doctor import describe_machine, machine


# R19
def test_a_backend_that_is_none_is_named_without_starting_keras(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "pytorch")
    monkeypatch.setattr(machine, "ask", None)
    found = describe_machine()
    assert (found.backend, found.backend_source) == ("pytorch", "KERAS_BACKEND")
    assert found.cause.endswith("received KERAS_BACKEND=pytorch")
    assert found.remedy == "Set KERAS_BACKEND=torch."


def test_keras_that_does_not_start_is_told_with_its_backend(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    fault = "it ended Python with exit code 1"
    monkeypatch.setattr(machine, "ask", lambda *_, **__: {"fault": fault})
    assert describe_machine().cause == "Keras on tensorflow ended Python with exit code 1"


@pytest.mark.keras
@pytest.mark.thorough
@pytest.mark.parametrize(
    ("backend", "compilation"), [("tensorflow", False), ("jax", True), ("torch", False)]
)
def test_what_keras_runs_on_is_asked_of_the_backend_in_use(backend, compilation, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    found = describe_machine()
    assert (found.cause, found.backend, found.backend_source) == ("", backend, "KERAS_BACKEND")
    assert found.python == platform.python_version()
    assert found.compilation is compilation
    assert found.devices
    assert found.precision_reason
