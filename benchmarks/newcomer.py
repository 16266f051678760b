"""How long a newcomer takes from a fresh clone to a predicted photograph, step by step.

    python benchmarks/newcomer.py PHOTOS PHOTO

PHOTOS is what `imgclass train` takes, and PHOTO what `imgclass predict` does. Each step is a
process of its own, as a newcomer types it, in an empty folder; the seconds of each are printed, and
what the last one said. How long the installation takes depends on the network and on what pip has
kept.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from machine import describe_machine

REPOSITORY = Path(__file__).resolve().parents[1]
RUN = "runs/first"


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and what a reader calls it."""

    name: str
    words: tuple[str, ...]


def main() -> None:
    """Take the steps one after the other, and print their times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("photo", type=Path)
    options = parser.parse_args()
    print(describe_machine(), flush=True)
    said, seconds = "", []
    with tempfile.TemporaryDirectory() as home:
        for step in steps(options.photos.resolve(), options.photo.resolve()):
            start = time.perf_counter()
            said = taken(step, Path(home))
            seconds.append(time.perf_counter() - start)
            print(f"{step.name:24} {seconds[-1]:6.1f} s", flush=True)
    print(f"{'all':24} {sum(seconds):6.1f} s\n\n{said}")


def steps(photos: Path, photo: Path) -> Iterator[Step]:
    """Yield what a newcomer types, in the folder above the clone."""
    programs = Path("environment", "Scripts" if sys.platform == "win32" else "bin")
    imgclass, run = str(programs / "imgclass"), ("--run-dir", RUN)
    yield Step("git clone", ("git", "clone", "--quiet", str(REPOSITORY), "imgclass"))
    yield Step("python -m venv", (sys.executable, "-m", "venv", "environment"))
    pip = (str(programs / "pip"), "install", "--quiet", "./imgclass[pretrained]")
    yield Step("pip install", pip)
    yield Step("imgclass train", (imgclass, "train", str(photos), *run))
    yield Step("imgclass predict", (imgclass, "predict", RUN, str(photo)))


def taken(step: Step, home: Path) -> str:
    """Run a step and return what it printed; if it fails, end with its error."""
    done = subprocess.run(step.words, cwd=home, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{step.name} ended with {done.returncode}.\n{_end(done.stderr)}")
    return done.stdout.strip()


def _end(text: str, lines: int = 20) -> str:
    return "\n".join(text.splitlines()[-lines:])


if __name__ == "__main__":
    main()
