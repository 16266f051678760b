import os
import warnings

import pytest

from imgclass.cli.plugins import leave_out, warnings_as_notes
from imgclass.errors import PluginWarning, UsageError
from imgclass.models import info_of
from imgclass.registry import DISABLE_PLUGINS, Registry


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Write a package's metadata, as pip would."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(DISABLE_PLUGINS, "")
    found = Registry("imgclass.architectures", kind="architecture", info=info_of)
    monkeypatch.setattr("imgclass.models.architectures", found)

    def write(name, entry_points):
        info = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(entry_points)

    return write


@pytest.fixture
def installed(install):
    install("my-nets", "[imgclass.architectures]\ntiny = my_nets:tiny\n")
    install("other-nets", "[imgclass.architectures]\nlarge = other_nets:large\n")
    install("my-rules", "[imgclass.diagnoser_rules]\nstrict = my_rules:strict\n")


@pytest.fixture
def torn(installed, install):
    del installed
    install("torn", "[imgclass.architectures]\nno equals sign\n")


@pytest.fixture
def listed(installed, imgclass):
    del installed

    def names(*words):
        done = imgclass("architectures", *words, "--json")
        return {a["name"] for a in done.json["architectures"]} & {"cnn", "tiny", "large"}

    return names


def test_plugins_are_listed_beside_the_built_in_ones(listed):
    assert listed() == {"cnn", "tiny", "large"}


def test_a_package_is_left_out_by_name(listed):
    assert listed("--no-plugins", "My_Nets") == {"cnn", "large"}


@pytest.mark.parametrize("words", ["all", "my-nets,other-nets"])
def test_several_are_left_out_at_once(listed, words):
    assert listed("--no-plugins", words) == {"cnn"}


def test_what_the_environment_leaves_out_stays_out(listed, monkeypatch):
    monkeypatch.setenv(DISABLE_PLUGINS, "other-nets")
    assert listed("--no-plugins", "my-nets") == {"cnn"}


@pytest.mark.usefixtures("installed")
def test_processes_that_are_started_leave_it_out_too():
    leave_out("my-rules")
    assert os.environ[DISABLE_PLUGINS] == "my-rules"


@pytest.mark.usefixtures("torn")
def test_a_package_that_brings_nothing_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match=r"'my-nts'\. Did you mean 'my-nets'\? There are: all, my"):
        leave_out("torn,my-nts")


@pytest.mark.usefixtures("installed")
def test_the_built_in_ones_cannot_be_left_out():
    with pytest.raises(UsageError, match="received 'imgclass-keras'"):
        leave_out("imgclass-keras")


@pytest.mark.parametrize("verb", ["architectures", "train", "diagnose", "doctor"])
def test_every_verb_that_asks_plugins_can_do_without(imgclass, verb):
    assert "--no-plugins" in imgclass(verb, "--help").out


@pytest.mark.usefixtures("torn")
@pytest.mark.filterwarnings("default")
def test_what_was_left_out_is_said_in_one_line(imgclass):
    (line,) = imgclass("architectures").err.splitlines()
    assert line.startswith("imgclass: Left out torn 1.0: its entry_points.txt cannot be read")


@pytest.mark.usefixtures("torn")
@pytest.mark.filterwarnings("default")
def test_what_was_asked_to_be_left_out_is_not_spoken_of(imgclass):
    assert imgclass("architectures", "--no-plugins", "torn").err == ""


def test_what_two_groups_say_alike_is_said_once(capsys):
    with warnings_as_notes():
        warnings.simplefilter("always")
        for _ in range(2):
            warnings.warn("Left out torn.", PluginWarning, stacklevel=1)
    assert capsys.readouterr().err == "imgclass: Left out torn.\n"


@pytest.mark.filterwarnings("default")
def test_other_warnings_look_as_ever(recwarn):
    with warnings_as_notes():
        warnings.warn("Something else.", UserWarning, stacklevel=1)
    assert [str(warning.message) for warning in recwarn] == ["Something else."]
