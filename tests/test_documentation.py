"""What the documentation says of the command line and of modules is so."""

import re
from pathlib import Path

import pytest
import typer.main

from imgclass.cli.command import app

ROOT = Path(__file__).parents[1]
CLI_PAGE = ROOT / "docs" / "cli.md"
DESIGN_PAGE = ROOT / "docs" / "design.md"
SOURCE = ROOT / "src" / "imgclass"


def sections():
    """Return the text below each heading of the page, by heading."""
    parts = CLI_PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    return dict(part.split("\n", 1) for part in parts)


def verbs():
    return typer.main.get_command(app).commands


@pytest.mark.parametrize("name", verbs())
def test_the_page_has_every_option_of_a_verb(name):
    options = [
        spelling
        for parameter in verbs()[name].params
        if parameter.param_type_name == "option" and parameter.name != "help"
        for spelling in (*parameter.opts, *parameter.secondary_opts)
    ]
    missing = [option for option in options if f"`{option}`" not in sections()[name]]
    assert missing == []


@pytest.mark.parametrize("name", verbs())
def test_the_page_names_no_option_that_a_verb_does_not_have(name):
    page = sections()[name]
    named = {word.strip("`") for word in page.replace(",", " ").split() if word.startswith("`--")}
    options = {o for p in verbs()[name].params for o in (*p.opts, *p.secondary_opts)}
    assert named - options == set()


def named_modules():
    """Return what the page names below `imgclass`, such as `data.split`; files are left out."""
    names = re.findall(r"`([a-z_]+(?:\.[a-z_0-9]+)+)`", DESIGN_PAGE.read_text(encoding="utf-8"))
    return sorted({name for name in names if not name.endswith((".csv", ".json", ".keras"))})


@pytest.mark.parametrize("name", named_modules())
def test_the_design_names_modules_and_functions_that_exist(name):
    *parents, last = name.split(".")
    homes = (SOURCE.joinpath(*parents).with_suffix(".py"), SOURCE.joinpath(*parents, "__init__.py"))
    is_inside = any(path.is_file() and last in path.read_text(encoding="utf-8") for path in homes)
    assert SOURCE.joinpath(*parents, f"{last}.py").is_file() or is_inside


def test_the_page_shows_the_files_of_the_example_plugin():
    folder = ROOT / "examples" / "plugin"
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8").replace("\n   ", "\n")
    for path in ("pyproject.toml", "src/imgclass_separable/__init__.py", "test_separable.py"):
        assert f"\n{(folder / path).read_text(encoding='utf-8')}```\n" in page, path
