"""Model files and runs of strangers: refused before Keras sees them, and nothing of them runs."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.robustness.attacks import ATTACKS
from benchmarks.robustness.children import in_child
from benchmarks.robustness.corpus import write_corpus
from benchmarks.robustness.refusing import read_outcomes, read_paths, try_case
from benchmarks.robustness.strange_models import Attack
from benchmarks.robustness.tiny_training import import_keras, quiet
from benchmarks.robustness.trials import Row
from benchmarks.robustness.watching import Limits, Outcome, watch

MUTATIONS, SHORT_MUTATIONS = 500, 30  # of each of the two kinds
STEP, SHORT_STEP = 1, 41  # every so manieth name
SECONDS = 1.0
MEGABYTES = 200.0
LONGEST = 1_000  # characters of a message
ADVICE = ("safe_mode=False", "enable_unsafe_deserialization()")  # of Keras, and no good one
BY_KERAS = (5.0, 1_000.0)  # seconds and megabytes: TensorFlow begins to compute
KINDS = (
    ("name", "models that name, one by one, every class and function of Keras"),
    ("configuration", "a good model with damaged configuration"),
    ("weights", "a good model with damaged weights"),
)
WITH_KERAS = Limits(memory=6 * 2**30, seconds=60)
ROOT = Path(__file__).parents[2]


def prove(*, short: bool) -> list[Row]:
    """Give the check every hostile file, and Keras what passes it."""
    import_keras()
    mutations, step = (SHORT_MUTATIONS, SHORT_STEP) if short else (MUTATIONS, STEP)
    # On the disk: the files are half a gigabyte, for which memory may have no room.
    with TemporaryDirectory() as folder, quiet():
        scratch = Path(folder)
        in_child(write_corpus, scratch, mutations, step)
        paths, outcomes = read_paths(scratch), _check(scratch)
        return [
            _good_row(scratch, paths["good"], outcomes["good"]),
            _attack_row(outcomes["attack"]),
            _harness_row(scratch, paths["attack"]),
            *(_row(name, what, scratch, paths[name], outcomes[name]) for name, what in KINDS),
        ]


def faults(
    outcome: Outcome, *, says: str = "", most: tuple[float, float] = (SECONDS, MEGABYTES)
) -> Iterator[str]:
    """Yield what is wrong with how a hostile file was met.

    Args:
        outcome: What came of it.
        says: What the refusal must name.
        most: Seconds and megabytes that it may take.
    """
    yield from outcome.notes
    if outcome.ending == "failed":
        yield f"ended in {outcome.error}: {outcome.message[:200]}"
    if outcome.seconds > most[0] or outcome.megabytes > most[1]:
        yield f"took {1000 * outcome.seconds:,.0f} ms and {outcome.megabytes:,.0f} MB"
    if len(outcome.message) > LONGEST:
        yield f"has a message of {len(outcome.message):,} characters"
    if not outcome.message.replace("\n", "").isprintable():
        yield "has control characters in its message"
    if outcome.ending == "refused":
        yield from (f"advises {word}" for word in ADVICE if word in outcome.message)
        if says not in outcome.message:
            yield f"does not say {says!r}: {outcome.message[:300]}"


def _check(scratch: Path) -> dict[str, list[Outcome]]:
    """Return what the check says of every file, asked in a process that has no Keras."""
    command = [sys.executable, "-m", "benchmarks.robustness.refusing", str(scratch)]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(process.stderr[-2_000:])
    return read_outcomes(scratch)


def _good_row(scratch: Path, paths: Sequence[Path], outcomes: Sequence[Outcome]) -> Row:
    """Require that what is harmless is let through, or the other rows prove nothing."""
    failures = []
    for path, outcome in zip(paths, outcomes, strict=True):
        after = try_case(scratch, path, WITH_KERAS)
        found = [*outcome.notes, *faults(after, most=BY_KERAS)]
        if (outcome.ending, after.ending) != ("passed", "loaded"):
            found.append(f"{outcome.ending}, then {after.ending}: {outcome.message}{after.message}")
        failures += [f"{path.name}: {'; '.join(found)}"] if found else []
    return Row(
        what="the good run that the following are made of, and its model",
        promise="let through, loaded, and asked about an image",
        tried=len(paths),
        failures=tuple(failures),
    )


def _attack_row(outcomes: Sequence[Outcome]) -> Row:
    failures = []
    for attack, outcome in zip(ATTACKS, outcomes, strict=True):
        found = list(faults(outcome, says=attack.says))
        if outcome.ending in {"passed", "loaded"}:
            found.append("was not refused")
        failures += [f"{attack}: {'; '.join(found)}"] if found else []
    return Row(
        what="hostile model files and runs",
        promise="refused before Keras is imported, in a short and printable sentence; nothing of "
        f"them runs, nothing outside is opened; within {SECONDS:g} s and {MEGABYTES:g} MB",
        tried=len(outcomes),
        failures=tuple(failures),
        slowest_ms=1000 * max(outcome.seconds for outcome in outcomes),
        peak_mb=max(outcome.megabytes for outcome in outcomes),
        note="one or more for each published hole of the loader of Keras; peak is what they add",
    )


def _harness_row(scratch: Path, paths: Sequence[Path]) -> Row:
    """Require that attacks which should run code do, where Keras alone loads them."""
    failures, tried = [], 0
    for attack, path in zip(ATTACKS, paths, strict=True):
        if attack.runs:
            tried += 1
            (scratch / "marker").unlink(missing_ok=True)
            loading = partial(_load_by_keras, path, is_safe=attack.runs == "safe")
            outcome = in_child(watch, loading, folder=path.parent, limits=WITH_KERAS)
            if not (scratch / "marker").exists():
                failures.append(f"{attack}: {outcome.ending} {outcome.message}")
            elif not outcome.notes and not _is_native(attack):
                failures.append(f"{attack}: ran, and was not noted")
    (scratch / "marker").unlink(missing_ok=True)
    return Row(
        what="those of them that run code, loaded by Keras alone",
        promise="the code runs and is noted, or the row above proves nothing",
        tried=tried,
        failures=tuple(failures),
        note=f"{sum(attack.runs == 'safe' for attack in ATTACKS)} in its safe mode",
    )


def _is_native(attack: Attack) -> bool:
    """Return whether the code is TensorFlow's, of which Python is told nothing."""
    return "saved_model" in attack.write.__name__


def _load_by_keras(path: Path, *, is_safe: bool) -> object:
    import keras

    return keras.saving.load_model(path, compile=False, safe_mode=is_safe)


def _row(
    name: str, what: str, scratch: Path, paths: Sequence[Path], outcomes: Sequence[Outcome]
) -> Row:
    """Give Keras what passed the check, and return what came of the whole group."""
    failures, endings, afterwards = [], Counter[str](), [Outcome("", "", "", 0.0, 0.0, ())]
    for number, (path, outcome) in enumerate(zip(paths, outcomes, strict=True)):
        found, ending = list(faults(outcome)), "refused before"
        if outcome.ending == "passed":
            after = try_case(scratch, path, WITH_KERAS)
            afterwards.append(after)
            found += [f"passed, then {fault}" for fault in faults(after, most=BY_KERAS)]
            ending = "loaded" if after.ending == "loaded" else "refused by Keras"
        endings[ending] += 1
        failures += [f"{name} {number}: {'; '.join(found)}"] if found else []
    ended = ", ".join(f"{count:,} {words}" for words, count in endings.items())
    seconds = max(outcome.seconds for outcome in afterwards)
    megabytes = max(outcome.megabytes for outcome in afterwards)
    return Row(
        what=what,
        promise="the same, or loaded where nothing in it does harm",
        tried=len(paths),
        failures=tuple(failures),
        slowest_ms=1000 * max(outcome.seconds for outcome in outcomes),
        peak_mb=max(outcome.megabytes for outcome in outcomes),
        note=f"{ended}; Keras then took up to {1000 * seconds:,.0f} ms and {megabytes:,.0f} MB",
    )
