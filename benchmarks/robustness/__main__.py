"""Try every promise of robustness, and print what was survived.

    python -m benchmarks.robustness [--short] [--only NAME] [--markdown FILE]

The whole takes more than an hour on two cores, the short form about a minute. A row in which
something was not survived stays in the table, with its cases below. The exit code is 1 where that
was a surprise.
"""

import argparse
import importlib
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.robustness.trials import Row

PROOFS = {
    "crashes": "kills, power cuts and errors at every call",
    "stops": "Ctrl-C and SIGTERM",
    "permissions": "what may not be read or written",
    "sources": "the original images",
    "places": "outputs that overlap with the images",
    "order": "the same split everywhere",
    "sequences": "random adding, removing, organizing again",
    "labels": "malformed CSVs",
    "images": "damaged images and bombs",
    "runs": "trainings at once, failing system calls, kills (needs Keras)",
    "checkpoints": "kills during saves, resuming, damaged checkpoints, altered settings "
    "(needs Keras)",
    "strangers": "model files and runs that mean harm (needs Keras)",
    "pixels": "the same pixels everywhere (needs Keras)",
}
SHOWN = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proofs, print the table, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.robustness",
        description="Try every promise of robustness, and print what was survived.",
        epilog="\n".join(f"  {name:12}{words}" for name, words in PROOFS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--short", action="store_true", help="try fewer cases of each kind")
    parser.add_argument("--only", action="append", choices=PROOFS, metavar="NAME", help="see below")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there too")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    rows: list[Row] = []
    # In the order of the table: "runs" and "checkpoints" fork, which must come before TensorFlow
    # computes anything.
    for name in [name for name in PROOFS if name in (options.only or PROOFS)]:
        print(f"{name}: {PROOFS[name]} ...", file=sys.stderr, flush=True)
        proof = importlib.import_module(f"benchmarks.robustness.{name}")
        rows += proof.prove(short=options.short)
    text = f"{as_table(rows)}\n{_circumstances(time.perf_counter() - began, short=options.short)}"
    print(text)
    if options.markdown:
        options.markdown.write_text(text + "\n", encoding="utf-8")
    return int(any(row.failures for row in rows))


def as_table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown, and below it what was not survived.

    Example:
        >>> print(as_table([Row(what="kills", promise="no loss", tried=3, failures=("at 2",))]))
        | what was tried | what should come of it | survived | slowest | peak |
        |---|---|--:|--:|--:|
        | kills | no loss | **2 of 3** | | |
        <BLANKLINE>
        Not survived, kills:
        <BLANKLINE>
        - at 2
        <BLANKLINE>
    """
    lines = [
        "| what was tried | what should come of it | survived | slowest | peak |",
        "|---|---|--:|--:|--:|",
        *map(_line, rows),
        "",
    ]
    for row in rows:
        if cases := row.failures:
            lines += [f"Not survived, {row.what}:", "", *(f"- {case}" for case in cases[:SHOWN])]
            lines += [f"- and {len(cases) - SHOWN} more"] if len(cases) > SHOWN else []
            lines.append("")
    return "\n".join(lines)


def _line(row: Row) -> str:
    share = f"{row.survived:,} of {row.tried:,}"
    cells = (
        f"{row.what} ({row.note})" if row.note else row.what,
        row.promise,
        share if row.survived == row.tried else f"**{share}**",
        "" if row.slowest_ms is None else f"{row.slowest_ms:,.0f} ms",
        "" if row.peak_mb is None else f"{row.peak_mb:,.0f} MB",
    )
    return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|"


def _circumstances(seconds: float, *, short: bool) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("imgclass-keras", "pillow"))
    form = "Short form, " if short else ""
    describe = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(describe, capture_output=True, text=True, check=False).stdout.strip()
    return (
        f"{form}{seconds:,.0f} s, Python {platform.python_version()}, {versions}, "
        f"{platform.system()} {platform.machine()}, commit {commit or 'unknown'}"
    )


if __name__ == "__main__":
    sys.exit(main())
