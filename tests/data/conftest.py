import io
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgclass.data.organize import workspace
from imgclass.io.fs import FileSystem


def make_png(number: int, size=(6, 5)) -> bytes:
    """A picture of its own for every number."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (number % 256, number // 256, 77)).save(buffer, "png")
    return buffer.getvalue()


@dataclass(frozen=True)
class Desk:
    """A folder of images and its CSV, in a place of their own."""

    home: Path

    @property
    def images(self) -> Path:
        return self.home / "images"

    @property
    def labels(self) -> Path:
        return self.home / "labels.csv"

    @property
    def root(self) -> Path:
        return self.home / "data"

    def write(self, rows: dict[str, str]) -> None:
        """Write the CSV and an image for each of its rows."""
        self.images.mkdir(exist_ok=True)
        for number, name in enumerate(rows):
            path = self.images / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(make_png(number))
        self.write_labels(rows)

    def write_labels(self, rows: dict[str, str]) -> None:
        text = "id,label\n" + "".join(f"{name},{label}\n" for name, label in rows.items())
        self.labels.write_text(text, encoding="utf-8")


def make_photograph(rng: np.random.Generator, size=32, brighter: int = 0) -> Image.Image:
    """A picture with the spectrum of a photograph: noise whose detail falls with its scale."""
    layers = [
        np.asarray(
            Image.fromarray(rng.integers(0, 256, (cells, cells, 3)).astype(np.uint8)).resize(
                (size, size), Image.Resampling.BICUBIC
            ),
            float,
        )
        / weight
        for cells, weight in ((3, 2), (6, 4), (12, 8), (24, 16))
    ]
    return Image.fromarray(np.clip(np.sum(layers, axis=0) + brighter, 0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def pictures():
    """Makes as many photographs of some size, all of them different."""

    @cache
    def make(count: int, size: int) -> list[Image.Image]:
        rng = np.random.default_rng(0)
        return [make_photograph(rng, size) for _ in range(count)]

    return make


@pytest.fixture
def photographs():
    """Writes photographs by their numbers; one that comes again is brighter each time."""

    def write(folder: Path, numbers: dict[str, int], brighter: int = 0) -> None:
        seen = Counter()
        for name, number in numbers.items():
            rng = np.random.default_rng(number)
            image = make_photograph(rng, brighter=brighter + 4 * seen[number])
            image.save(folder / name, "png")
            seen[number] += 1

    return write


@pytest.fixture
def png():
    return make_png


@pytest.fixture
def desk(tmp_path) -> Desk:
    """Thirty images of three classes."""
    desk = Desk(tmp_path)
    desk.write({f"{i}.png": ("ant", "bee", "cow")[i % 3] for i in range(30)})
    return desk


@pytest.fixture
def snapshot():
    """What a folder holds: every file's bytes, every link's target, every directory."""

    def take(folder: Path) -> dict[str, object]:
        return {
            path.relative_to(folder).as_posix(): (
                path.readlink()
                if path.is_symlink()
                else path.read_bytes()
                if path.is_file()
                else "directory"
            )
            for path in sorted(folder.rglob("*"))
        }

    return take


@pytest.fixture
def intercept(monkeypatch):
    """Has every file operation of organizing made by a function: `with intercept(call): ...`."""

    @contextmanager
    def intercepted(call):
        with monkeypatch.context() as patch:
            patch.setattr(workspace, "FILES", FileSystem(call=call))
            yield

    return intercepted
