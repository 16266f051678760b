"""How soon the command line answers, beside Python itself: `python benchmarks/startup.py`.

Each command runs in a fresh process, in turns, so that a busy moment hits all of them alike; the
median is printed. `architectures` runs where 50 more packages offer one architecture each.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

PLUGINS = 50
ROUNDS = 11

# Seconds that each may take at most.
COMMANDS = {
    "python -c pass": (["-c", "pass"], None),
    "import imgclass": (["-c", "import imgclass"], 0.25),
    "imgclass --help": (["-m", "imgclass", "--help"], 0.5),
    f"imgclass architectures, {PLUGINS} plugins": (["-m", "imgclass", "architectures"], 0.6),
}


def main(rounds: int = ROUNDS) -> None:
    """Print the median seconds of each command."""
    with TemporaryDirectory() as site:
        for number in range(PLUGINS):
            install(Path(site), f"net{number}")
        seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for _ in range(rounds):
            for name, (words, _) in COMMANDS.items():
                seconds[name].append(run(words, site=site))
    for name, (_, limit) in COMMANDS.items():
        bound = f"at most {limit} s" if limit else ""
        print(f"{name:36} {median(seconds[name]):5.3f} s  {bound}".rstrip())


def install(site: Path, name: str) -> None:
    """Write the metadata of a package that offers one architecture, as pip would."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[imgclass.architectures]\n{name} = {name}:build\n")


def run(words: list[str], *, site: str) -> float:
    """Return the seconds that a fresh Python takes."""
    start = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": site}
    done = subprocess.run(
        [sys.executable, *words], env=environment, check=True, capture_output=True, text=True
    )
    elapsed = time.perf_counter() - start
    if words[-1] == "architectures" and f"net{PLUGINS - 1} " not in done.stdout:
        raise SystemExit("Expected the plugins to be listed.")
    return elapsed


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
