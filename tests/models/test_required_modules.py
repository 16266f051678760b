import os
import sys

import pytest

from imgclass.entry_points import LOCAL, Origin
from imgclass.errors import ModelFileError, PluginError
from imgclass.models import required_modules
from imgclass.models.metadata import ModelMetadata
from imgclass.models.required_modules import require_trusted
from imgclass.registry import Registry

METADATA = "Metadata-Version: 2.1\nName: nets\nVersion: 1.2\n"


def metadata(*modules, distribution="nets"):
    origin = Origin(distribution, "1.2", "nets.layers:net")
    return ModelMetadata(("a", "b"), (8, 8), "stretch", False, "net", origin, modules=modules)


def check(tmp_path, *modules, **origin):
    return require_trusted(tmp_path / "model.keras", metadata(*modules, **origin))


def install(folder, *, package=True):
    """Put a distribution that offers an architecture into a folder, as pip would."""
    info = folder / "nets-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(METADATA)
    (info / "entry_points.txt").write_text("[imgclass.architectures]\nnet = nets.layers:net\n")
    if package:
        (folder / "nets").mkdir()
        (folder / "nets" / "__init__.py").write_text("raise SystemExit('imported')")
    return folder


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Make a folder of installed packages, with one that offers an architecture."""
    folder = install(tmp_path / "site")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(
        required_modules, "architectures", Registry("imgclass.architectures", kind="net")
    )
    return folder


@pytest.mark.usefixtures("site")
def test_a_module_of_an_installed_plugin_is_trusted_and_not_imported(tmp_path):
    assert check(tmp_path, "nets.layers", "nets") == {"nets.layers", "nets"}
    assert "nets" not in sys.modules


def test_a_module_that_is_imported_already_is_trusted(tmp_path):
    assert check(tmp_path, "json", "os.path") == {"json", "os.path"}


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("module", ["antigravity", "this", "netsy", "nets.__main__", "nets-2", "."])
def test_another_module_is_refused(tmp_path, module):
    with pytest.raises(ModelFileError, match="needs the module"):
        check(tmp_path, module)


def test_what_lies_in_the_working_directory_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(install(tmp_path / "here"))
    monkeypatch.syspath_prepend("")
    monkeypatch.setattr(
        required_modules, "architectures", Registry("imgclass.architectures", kind="net")
    )
    with pytest.raises(ModelFileError, match="belongs to no installed package"):
        check(tmp_path, "nets.layers")


@pytest.mark.usefixtures("site")
def test_a_package_that_stands_before_the_installed_one_is_refused(tmp_path, monkeypatch):
    (tmp_path / "here" / "nets").mkdir(parents=True)
    (tmp_path / "here" / "nets" / "__init__.py").write_text("")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.syspath_prepend("")
    with pytest.raises(ModelFileError, match="belongs to no installed package"):
        check(tmp_path, "nets.layers")


def test_a_package_of_pythonpath_alone_is_refused(tmp_path, monkeypatch):
    site = install(tmp_path / "site", package=False)
    (tmp_path / "other" / "nets").mkdir(parents=True)
    (tmp_path / "other" / "nets" / "__init__.py").write_text("")
    for folder in (site, tmp_path / "other"):
        monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(("", str(tmp_path / "other"))))
    monkeypatch.setattr(
        required_modules, "architectures", Registry("imgclass.architectures", kind="net")
    )
    with pytest.raises(ModelFileError, match="belongs to no installed package"):
        check(tmp_path, "nets.layers")


def test_an_editable_install_has_its_code_elsewhere(tmp_path, monkeypatch):
    site = install(tmp_path / "site", package=False)
    (tmp_path / "src" / "nets").mkdir(parents=True)
    (tmp_path / "src" / "nets" / "__init__.py").write_text("")
    for folder in (site, tmp_path / "src"):
        monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(
        required_modules, "architectures", Registry("imgclass.architectures", kind="net")
    )
    assert check(tmp_path, "nets.layers") == {"nets.layers"}


@pytest.mark.usefixtures("site")
def test_a_plugin_that_is_left_out_is_not_imported(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGCLASS_DISABLE_PLUGINS", "nets")
    with pytest.raises(ModelFileError, match="belongs to no installed package"):
        check(tmp_path, "nets.layers")


@pytest.mark.parametrize("distribution", [LOCAL, "imgclass-keras", "../nets", "nets; rm"])
def test_a_module_that_no_plugin_brings_is_to_be_imported_first(tmp_path, distribution):
    with pytest.raises(ModelFileError, match="import it first"):
        check(tmp_path, "layers_of_nobody", distribution=distribution)


def test_a_plugin_that_is_not_installed_is_named(tmp_path):
    with pytest.raises(PluginError, match=r"pip install nets==1\.2"):
        check(tmp_path, "nets.layers")
