import pytest

from imgclass import doctor
from imgclass.doctor import Dependency, Machine, PluginCheck

RULES = "imgclass.diagnoser_rules"
FINE = PluginCheck("cnn", "imgclass.architectures", "imgclass-keras", "0.1.0", "x:cnn", seconds=0.5)
BAD = PluginCheck(
    "strict", RULES, "my-rules", "1.0", "y:s", "broken", cause="it fell", remedy="Get up."
)
LOUD = PluginCheck("loud", RULES, "my-rules", "1.0", "y:l", "warning", 0.1, "it prints", "Hush.")


HEALTHY = Machine(
    python="3.12.1",
    keras="3.15.1",
    backend="jax",
    backend_source="KERAS_BACKEND",
    devices=("H100", "T4"),
    precision="mixed_bfloat16",
    precision_reason="H100 computes in bfloat16",
    compilation=True,
    compilation_reason="JAX is slow at what is not compiled",
)


@pytest.fixture
def found(monkeypatch):
    """Let the doctor find what it is given here, in no time."""

    def find(*plugins, machine=None, dependency=None):
        machine = machine or HEALTHY
        dependency = dependency or Dependency("keras", ">=3.15.1", "3.15.1")
        monkeypatch.setattr(doctor, "describe_machine", lambda: machine)
        monkeypatch.setattr(doctor, "check_dependencies", lambda: (dependency,))
        monkeypatch.setattr(doctor, "check_plugins", lambda **_: plugins)

    return find


def test_a_healthy_installation_is_told_and_ends_with_0(found, imgclass):
    found(FINE)
    done = imgclass("doctor")
    assert done.code == 0
    assert "keras        3.15.1\n" in done.out
    assert "cnn   imgclass-keras  0.1.0    0.50     ok" in done.out
    assert done.out.endswith("nothing is broken\n")


def test_backend_devices_precision_and_compilation_are_told_with_their_reasons(found, imgclass):
    found(FINE)
    done = imgclass("doctor")
    lines = done.out.splitlines()
    assert [" ".join(line.split()) for line in lines[2:6]] == [
        "backend jax KERAS_BACKEND",
        "devices H100, T4",
        "precision mixed_bfloat16 H100 computes in bfloat16",
        "compilation on JAX is slow at what is not compiled",
    ]


def test_what_is_broken_is_told_with_cause_and_remedy_and_ends_with_4(found, imgclass):
    found(FINE, BAD, LOUD)
    done = imgclass("doctor")
    assert done.code == 4
    assert "broken  my-rules:strict\n  cause   it fell\n  remedy  Get up.\n" in done.out
    assert "warning  my-rules:loud\n  cause   it prints\n  remedy  Hush.\n" in done.out
    assert done.out.endswith("1 broken\n")


def test_a_version_that_is_too_old_counts_as_broken(found, imgclass):
    found(dependency=Dependency("keras", ">=3.15.1", "3.0", "pip install 'keras>=3.15.1'"))
    done = imgclass("doctor", "--json")
    assert (done.code, done.json["broken"]) == (4, 1)
    assert done.json["dependencies"][0]["remedy"] == "pip install 'keras>=3.15.1'"


def test_keras_that_does_not_start_is_told_with_its_backend(found, imgclass):
    machine = Machine(
        "3.12.1",
        backend="torch",
        backend_source="KERAS_BACKEND",
        cause="torch is not installed",
        remedy="Install it.",
    )
    found(FINE, machine=machine)
    done = imgclass("doctor")
    assert done.code == 4
    assert "backend  torch           KERAS_BACKEND\n" in done.out
    assert "broken  keras\n  cause   torch is not installed\n  remedy  Install it." in done.out
    assert "architectures were not tried" in done.out


def test_a_time_limit_that_is_none_is_refused(found, imgclass):
    found(FINE)
    assert imgclass("doctor", "--limit", 0).code == 2
