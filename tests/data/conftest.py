import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image


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
