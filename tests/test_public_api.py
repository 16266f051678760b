"""The public names: whole, described, and each with an example."""

import ast
import inspect
from pathlib import Path

import pytest

import imgclass


def test_every_public_name_resolves_to_its_home():
    assert sorted(imgclass._HOMES) == sorted(imgclass.__all__)
    assert set(imgclass.__all__) <= set(dir(imgclass))


def test_every_public_name_is_used_in_the_file_that_a_type_checker_reads():
    tree = ast.parse((Path(__file__).parent / "typing" / "api.py").read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "imgclass"
        for alias in node.names
    }
    assert imported == set(imgclass.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = imgclass.no_such_name


@pytest.mark.keras
@pytest.mark.parametrize("name", imgclass.__all__)
def test_every_public_name_has_a_docstring_with_an_example(name):
    described = getattr(imgclass, name)
    if not (inspect.isclass(described) or inspect.isfunction(described)):
        described = type(described)
    assert ">>> " in (inspect.getdoc(described) or "")


@pytest.mark.keras
@pytest.mark.parametrize(
    "name", ["described", "evaluate", "open_flows", "render_html", "run_experiment", "write_report"]
)
def test_every_public_function_takes_at_most_two_positional_arguments(name):
    parameters = inspect.signature(getattr(imgclass, name)).parameters.values()
    assert sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters) <= 2
