import platform

import pytest

from imgclass.doctor import describe_machine, machine
from imgclass.doctor.child import Outcome


@pytest.fixture
def child(monkeypatch):
    """Let the child end as it is told to, in no time."""

    def ends(answer, *, exit_code=0, timed_out=False):
        outcome = Outcome(answer, exit_code, timed_out=timed_out)
        monkeypatch.setattr(machine, "ask", lambda *_, **__: outcome)

    return ends


# R19
def test_a_backend_that_is_none_is_named_without_starting_keras(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "pytorch")
    monkeypatch.setattr(machine, "ask", None)
    found = describe_machine()
    assert (found.backend, found.backend_source) == ("pytorch", "KERAS_BACKEND")
    assert found.cause.endswith("received KERAS_BACKEND=pytorch")
    assert found.remedy == "Set KERAS_BACKEND=torch."


def test_keras_that_ends_or_fails_is_told_with_its_backend(child, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    causes = []
    for answer in (None, {"fault": "ImportError: no libcuda"}):
        child(answer, exit_code=1)
        causes.append(describe_machine().cause)
    child(None, timed_out=True)
    causes.append(describe_machine().cause)
    assert causes == [
        "Keras on tensorflow ended (1)",
        "Keras on tensorflow does not start (ImportError: no libcuda)",
        "Keras on tensorflow did not start in time",
    ]


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
