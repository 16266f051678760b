"""What the documentation shows exists: commands, options, names, files; and its Python runs."""

import ast
import re
import shlex
import shutil
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import typer.main
from PIL import Image

import imgclass
from imgclass.cli.command import VERBS, app

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("coming_from/*.md"))]
SOURCE = ROOT / "src" / "imgclass"

# Pages whose Python is run, beside photographs and runs. Most other pages have doctests.
RUN_HERE = ("index", "start", "compare", "predict", "evaluate", "coming_from/*")


def command(verb):
    return typer.main.get_command(app([verb])).commands[verb]


def blocks(page, *languages):
    """Return the code blocks of a page that have one of the languages."""
    text = re.sub(r"\n {1,3}", "\n", page.read_text(encoding="utf-8"))
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    return [code for language, code in found if language in languages]


def shown_commands():
    for page in PAGES:
        for block in blocks(page, "", "sh", "bash", "console"):
            for line in block.replace("\\\n", " ").splitlines():
                # What follows two spaces says what the command does.
                if match := re.match(r"(?:\$ )?imgclass ([a-z].*?)(?=  | &&| \||$)", line):
                    yield pytest.param(shlex.split(match[1], comments=True), id=match[1])


@pytest.mark.parametrize("words", list(shown_commands()))
def test_a_command_that_a_page_shows_is_one(words):
    verb, *arguments = words
    with command(verb).make_context(verb, arguments) as context:
        assert context.params


@pytest.mark.parametrize("name", VERBS)
def test_the_list_of_commands_leads_to_a_page_with_the_command_and_a_picture(name):
    listed = (DOCS / "cli.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| \[`{name}`\]\(#{name}\) .*\]\((\w+\.md)[^|]*\|$", listed, re.MULTILINE)
    assert row, f"docs/cli.md has no row for {name}"
    page = (DOCS / row[1]).read_text(encoding="utf-8")
    assert f"imgclass {name}" in page
    assert "```{image}" in page


@pytest.mark.parametrize("name", VERBS)
def test_the_page_of_the_command_line_has_the_options_of_a_verb_and_no_others(name):
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    sections = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    options = {
        spelling
        for parameter in command(name).params
        if parameter.param_type_name == "option" and parameter.name != "help"
        for spelling in (*parameter.opts, *parameter.secondary_opts)
    }
    named = set(re.findall(r"`(--[a-z0-9-]+)", sections[name]))
    assert (options - named, named - options - {"--help"}) == (set(), set())


def imports():
    """Return what the Python blocks of the pages and the examples import from imgclass."""
    sources = [code for page in PAGES for code in blocks(page, "python")]
    sources += [page.read_text(encoding="utf-8") for page in (ROOT / "examples").glob("*.py")]
    found = {
        match
        for code in sources
        for match in re.findall(r"from (imgclass(?:\.\w+)*) import ([\w, ]+)", code)
    }
    return sorted({(home, name.strip()) for home, names in found for name in names.split(",")})


@pytest.mark.keras
@pytest.mark.parametrize(("home", "name"), imports())
def test_what_a_page_imports_can_be_imported(home, name):
    assert getattr(import_module(home), name) is not None


@pytest.fixture(scope="module")
def workplace(tmp_path_factory, loading_here):
    """The folder that the pages assume: photographs by class, new ones, and two runs."""
    place = tmp_path_factory.mktemp("workplace")
    draw = np.random.default_rng(0)
    for folder, images in (("photos/ants", 12), ("photos/bees", 12), ("new", 2)):
        (place / folder).mkdir(parents=True)
        for number in range(images):
            pixels = draw.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(place / folder / f"{number}.jpg")
    quick = imgclass.Experiment(
        "cnn",
        spec=imgclass.ModelSpec(depth=1, width=4),
        training=imgclass.TrainingConfig(epochs=1, optimizer="sgd", learning_rate=0.1),
        augmentation="none",
    )
    with loading_here():
        runs = place / "runs"
        imgclass.run_experiment(place / "photos", quick, run_dir=runs / "cnn-1", progress=False)
    shutil.copytree(runs / "cnn-1", runs / "cnn-2")
    return place


@pytest.mark.keras
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=str(page.relative_to(DOCS)))
        for name in RUN_HERE
        for page in sorted(DOCS.glob(f"{name}.md"))
    ],
)
def test_the_python_of_a_page_runs(page, workplace, monkeypatch):
    def trained(folder, experiment=None):
        """Return the one run that all pages share, in place of a training for each."""
        assert Path(folder).is_dir()
        assert experiment is None or isinstance(experiment, imgclass.Experiment)
        return imgclass.Run.load("runs/cnn-1")

    monkeypatch.chdir(workplace)
    monkeypatch.setattr(imgclass, "run_experiment", trained)
    ours = [code for code in blocks(page, "python") if "imgclass" in code and ">>>" not in code]
    scope = {}
    for code in ours:
        exec(code, scope)  # noqa: S102 - our own words


def named_modules():
    """Return what the page on the design names below `imgclass`, such as `data.splitting.split`."""
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    names = re.findall(r"`([a-z_]+(?:\.[a-z_0-9]+)+)`", page)
    return sorted({name for name in names if not name.endswith((".csv", ".json", ".keras"))})


@pytest.mark.parametrize("name", named_modules())
def test_the_design_names_modules_and_functions_that_exist(name):
    *parents, last = name.split(".")
    place = SOURCE.joinpath(*parents)
    if place.joinpath(f"{last}.py").is_file() or place.joinpath(last, "__init__.py").is_file():
        return
    home = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    tree = ast.parse(home.read_text(encoding="utf-8"))
    assert last in {getattr(node, "name", "") for node in ast.walk(tree)}


def test_the_page_on_plugins_shows_the_files_of_the_example():
    folder = ROOT / "examples" / "plugin"
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8").replace("\n   ", "\n")
    for path in ("pyproject.toml", "src/imgclass_separable/__init__.py", "test_separable.py"):
        assert f"\n{(folder / path).read_text(encoding='utf-8')}```\n" in page, path
