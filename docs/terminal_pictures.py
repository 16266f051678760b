"""Draw what the commands print as pictures of a terminal: `docs/gallery/terminal-*.svg`.

    python docs/terminal_pictures.py [NAME...]

Without a name all are drawn. Every command runs as a process in a new folder, on the digits of
`imgclass demo`. Lines that are left out of a picture are shown as `...`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

REPOSITORY = Path(__file__).parents[1]
GALLERY = REPOSITORY / "docs" / "gallery"
COLUMNS = 100
CARD = "model-card"
ALWAYS = ("demo", "organize", "train")  # make what the others look at

# As `rich` draws it, without the fonts that it would load from the network.
SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
    font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;
    font-size: {char_height}px; line-height: {line_height}px;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """What one picture shows.

    Attributes:
        name: Of the file.
        commands: What is typed, one after the other.
        first: The lines shown of what each of them prints; None for all.
        last: The lines shown after those that are left out.
        notes: Whether what is printed on standard error is shown.
    """

    name: str
    commands: tuple[str, ...]
    first: int | None = None
    last: int = 0
    notes: bool = True


PICTURES = (
    Picture("demo", ("imgclass demo",), first=14, last=30),
    Picture("organize", ("imgclass organize labels.csv images --out data",)),
    Picture(
        "train",
        ("imgclass train data --epochs 2 --width 4 --run-dir runs/small",),
        first=3,
        last=24,
    ),
    Picture("runs", ("imgclass runs runs",)),
    Picture("diagnose", ("imgclass diagnose runs/small",)),
    Picture(
        "predict",
        (
            "imgclass predict runs/digits new",
            "imgclass predict runs/digits new --threshold 0.9 --top 1",
        ),
    ),
    Picture("evaluate", ("imgclass evaluate runs/digits others",)),
    Picture("export", ("imgclass export runs/digits --to onnx",)),
    Picture(CARD, ("imgclass model-card runs/digits --license apache-2.0",)),
    Picture(
        "label-errors",
        (
            "python examples/label_errors.py",
            "imgclass label-errors label_errors/data --augment none --epochs 12",
        ),
        notes=False,
    ),
    Picture("architectures", ("imgclass architectures",)),
    Picture("doctor", ("imgclass doctor",), first=16, last=6),
)


def main() -> None:
    """Run the commands, and draw what they print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="of the pictures, as in terminal-NAME.svg")
    names = parser.parse_args().names or [picture.name for picture in PICTURES]
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for picture in PICTURES:
            if picture.name not in {*names, *ALWAYS}:
                continue
            print(picture.name, flush=True)
            svg = drawn(picture, root)
            if picture.name in names:
                (GALLERY / f"terminal-{picture.name}.svg").write_text(svg, encoding="utf-8")
            if picture.name == "demo":
                prepare(root)


def prepare(root: Path) -> None:
    """Put what `demo` made where the other commands look for it."""
    shutil.copytree(root / "demo" / "source" / "images", root / "images")
    shutil.copy(root / "demo" / "source" / "labels.csv", root)
    shutil.copytree(root / "demo" / "runs" / "cnn-1", root / "runs" / "digits")
    test = root / "demo" / "digits" / "test"
    shutil.copytree(test, root / "others")
    (root / "new").mkdir()
    for folder in sorted(test.iterdir()):
        shutil.copy(min(folder.iterdir()), root / "new")


def drawn(picture: Picture, root: Path) -> str:
    """Run the commands of a picture in a folder, and return it as SVG."""
    console = Console(
        record=True, width=COLUMNS, file=StringIO(), force_terminal=True, legacy_windows=False
    )
    for command in picture.commands:
        console.print(Text(f"$ {command}", style="bold"))
        console.print(Text("\n".join(shown(picture, printed(command, root, notes=picture.notes)))))
        console.print()
    if picture.name == CARD:
        card = (root / "runs" / "digits" / "MODEL_CARD.md").read_text(encoding="utf-8")
        text = card.split("---", 2)[2].strip()  # without the metadata
        console.print(Markdown(text.partition("## By class")[0]))
    return console.export_svg(title="", code_format=SVG, unique_id=f"imgclass-{picture.name}")


def printed(command: str, root: Path, *, notes: bool) -> list[str]:
    """Return the lines that a command prints, without a path of this machine."""
    program, *words = command.replace("examples/", f"{REPOSITORY}/examples/").split()
    done = subprocess.run(  # noqa: S603 - the commands above
        [Path(sys.executable).with_name(program), *words],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if notes else subprocess.DEVNULL,
        # Nobody's own experience counts.
        env={**os.environ, "COLUMNS": str(COLUMNS), "NO_COLOR": "1", "XDG_DATA_HOME": str(root)},
        text=True,
        check=True,
    )
    here = done.stdout.replace(f"{root}/", "").replace(str(Path.home()), "~")
    return here.rstrip().splitlines()


def shown(picture: Picture, lines: list[str]) -> Iterator[str]:
    """Yield the lines that a picture shows."""
    if picture.first is None or len(lines) <= picture.first + picture.last:
        yield from lines
        return
    yield from lines[: picture.first]
    yield "..."
    yield from lines[len(lines) - picture.last :]


if __name__ == "__main__":
    main()
