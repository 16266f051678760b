import sys

import pytest

from imgclass.models import ArchitectureInfo, weights_at_hand
from imgclass.models.packaged_weights import PACKAGES, find_packaged_weights, install_command


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of weights that must not be imported."""
    folder = tmp_path / "some_model"
    (folder / "models").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_weights_are_found_without_importing_their_package(package):
    (package / "models" / "net-1234.pth").touch()
    assert find_packaged_weights("some_model") == package / "models" / "net-1234.pth"
    assert weights_at_hand(ArchitectureInfo("A net.", weights_package="some_model"))
    assert "some_model" not in sys.modules


def test_a_package_without_its_file_has_no_weights(package):
    assert find_packaged_weights(package.name) is None
    assert not weights_at_hand(ArchitectureInfo("A net.", weights_package=package.name))


@pytest.mark.parametrize("name", ["", "no_such_package"])
def test_without_a_package_there_are_no_weights_at_hand(name):
    assert not weights_at_hand(ArchitectureInfo("A net.", weights_package=name))


def test_each_package_is_installed_by_an_extra():
    commands = [install_command(package) for package in PACKAGES.values()]
    assert [command.partition("[")[2] for command in commands] == [
        "pretrained]'",
        "pretrained-large]'",
        "pretrained-large]'",
    ]
