import pytest

from imgclass import doctor
from imgclass.doctor import Dependency, Machine, PluginCheck

RULES = "imgclass.diagnoser_rules"
FINE = PluginCheck("cnn", "imgclass.architectures", "imgclass-keras", "0.1.0", "x:cnn", seconds=0.5)
BAD = PluginCheck(
    "strict", RULES, "my-rules", "1.0", "y:s", "broken", cause="it fell", remedy="Get up."
)
LOUD = PluginCheck("loud", RULES, "my-rules", "1.0", "y:l", "warning", 0.1, "it prints", "Hush.")


@pytest.fixture
def found(monkeypatch):
    """Let the doctor find what it is given here, in no time."""

    def find(*plugins, machine=None, dependency=None):
        machine = machine or Machine("3.12.1", "3.15.1", "tensorflow", ("cpu:0",), "float32", "two")
        dependency = dependency or Dependency("keras", ">=3.15.1", "3.15.1")
        monkeypatch.setattr(doctor, "describe_machine", lambda: machine)
        monkeypatch.setattr(doctor, "check_dependencies", lambda: (dependency,))
        monkeypatch.setattr(doctor, "check_plugins", lambda *, limit: limit and plugins)

    return find


def test_a_healthy_installation_is_told_and_ends_with_0(found, imgclass):
    found(FINE)
    done = imgclass("doctor")
    assert done.code == 0
    assert "keras      3.15.1 on tensorflow" in done.out
    assert "cnn   imgclass-keras  0.1.0    0.50     ok" in done.out
    assert done.out.endswith("nothing is broken\n")


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


def test_keras_that_does_not_start_is_told(found, imgclass):
    found(FINE, machine=Machine("3.12.1", cause="Keras ended (1)", remedy="Install it again."))
    done = imgclass("doctor")
    assert done.code == 4
    assert "broken  keras\n  cause   Keras ended (1)\n  remedy  Install it again." in done.out


def test_a_time_limit_that_is_none_is_refused(found, imgclass):
    found(FINE)
    assert imgclass("doctor", "--limit", 0).code == 2
