"""One browser for all tests, and every page in it: made of small values, without Keras."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

MODES = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "narrow": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}


def neighbour(name: str) -> Any:
    """Load a module beside this one; tests are no package."""
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Opened:
    """A page in the browser, and what it did that it should not have."""

    page: Any
    offences: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("NO BROWSER: install Chromium, or the pages are not tested as people see them")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def page_files(tmp_path_factory) -> Callable[[str], Path]:
    """The file of a page by its name; each is written once."""
    folder = tmp_path_factory.mktemp("pages")
    made = neighbour("made_pages")

    def file_of(name: str) -> Path:
        file = folder / f"{name}.html"
        if not file.exists():
            (folder / name).mkdir()
            file.write_text(made.PAGES[name](folder / name), encoding="utf-8")
        return file

    return file_of


@pytest.fixture(scope="session")
def open_page(browser, page_files) -> Callable[..., Opened]:
    """Open a page in a mode; `fresh` does not share it with other tests."""
    known: dict[tuple[str, str], Opened] = {}

    def open_page(name: str, mode: str = "wide", *, fresh: bool = False, **options: Any) -> Opened:
        if not fresh and (name, mode) in known:
            return known[name, mode]
        file = page_files(name).as_uri()
        context = browser.new_context(**MODES[mode], **options)
        opened = Opened(context.new_page())

        def answer(route: Any) -> None:
            if route.request.url == file:
                route.continue_()
            else:
                opened.offences.append(f"asked for {route.request.url[:200]}")
                route.abort()

        def dismiss(dialog: Any) -> None:
            opened.offences.append(f"opened a dialog: {dialog.message}")
            dialog.dismiss()

        opened.page.route("**/*", answer)
        opened.page.on("dialog", dismiss)
        opened.page.on("pageerror", lambda error: opened.offences.append(f"raised {error}"))
        opened.page.on("console", lambda said: opened.offences.append(f"logged {said.text}"))
        opened.page.goto(file)
        if not fresh:
            known[name, mode] = opened
        return opened

    return open_page
