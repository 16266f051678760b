import sys
from types import ModuleType

import pytest

from imgclass.lazy import lazy_names


@pytest.fixture
def package(monkeypatch):
    """A package whose name `Shape` lies in a module that is imported on first use."""
    module = ModuleType("shapes.round")
    module.Shape = "a shape"
    shapes = ModuleType("shapes")
    monkeypatch.setitem(sys.modules, "shapes", shapes)
    monkeypatch.setitem(sys.modules, "shapes.round", module)
    return shapes


def test_a_name_is_imported_on_first_use_and_kept(package):
    calls = []
    package.__getattr__ = lazy_names(
        "shapes", {"Shape": "round"}, before=lambda: calls.append("before")
    )
    assert calls == []
    assert [package.Shape, package.Shape] == ["a shape", "a shape"]
    assert calls == ["before"]


def test_another_name_is_an_attribute_error(package):
    package.__getattr__ = lazy_names("shapes", {"Shape": "round"})
    with pytest.raises(AttributeError, match="module 'shapes' has no attribute 'Colour'"):
        _ = package.Colour
