"""A short form of what `make robustness` runs in full."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| (.+?) \| .+? \| \**([\d,]+) of ([\d,]+)\** \|", re.MULTILINE)


def words_for(name):
    return ["-m", "benchmarks.robustness", "--short", "--only", name]


def rows_of(process) -> dict[str, tuple[int, int]]:
    assert process.returncode == 0, process.stdout + process.stderr
    rows = ROW.findall(process.stdout)
    return {
        what.split(" (")[0]: (int(survived.replace(",", "")), int(tried.replace(",", "")))
        for what, survived, tried in rows
    }


@pytest.fixture
def prove_with_keras(run_python):
    return lambda name: rows_of(run_python(*words_for(name), cwd=ROOT, wholly=True))


@pytest.mark.parametrize(
    ("name", "fewest"),
    [
        ("stops", [6]),
        ("permissions", [26]),
        ("sources", [75, 4, 15, 4]),
        ("places", [12]),
        ("order", [26]),
        ("sequences", [40]),
        ("labels", [100, 60]),
        ("images", [4_000, 30, 19, 13]),
    ],
)
def test_every_trial_is_survived(name, fewest):
    command = [sys.executable, *words_for(name)]
    found = rows_of(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False))
    assert len(found) == len(fewest)
    for (what, (survived, tried)), least in zip(found.items(), fewest, strict=True):
        assert (what, survived) == (what, tried)
        assert tried >= least


@pytest.mark.keras
# R5: trainings at once, beside failing system calls and kills
def test_what_a_training_has_is_kept_however_it_ends_and_however_many_there_are(prove_with_keras):
    found = list(prove_with_keras("runs").values())
    assert [survived for survived, _ in found] == [tried for _, tried in found]
    assert all(tried >= least for (_, tried), least in zip(found, (3, 1, 16, 5, 5), strict=True))


@pytest.mark.keras
# X1-X7, S1-S3: what each hostile file is after stands beside it in benchmarks/robustness/attacks_*
def test_no_file_of_a_stranger_runs_code_reads_others_or_takes_much_and_keras_alone_lets_some(
    prove_with_keras,
):
    found = list(prove_with_keras("strangers").values())
    assert [survived for survived, _ in found] == [tried for _, tried in found]
    assert all(
        tried >= least for (_, tried), least in zip(found, (2, 180, 10, 100, 30, 30), strict=True)
    )


@pytest.mark.keras
# C1 to C12: killed while saving, damaged, altered, gone on with
def test_a_training_that_ends_at_any_moment_is_gone_on_with_bit_for_bit_or_refused_by_name(
    prove_with_keras,
):
    found = list(prove_with_keras("checkpoints").values())
    fewest = (20, 60, 20, 29, 30, 4, 4, 4, 4, 20, 3, 2, 2)
    assert [survived for survived, _ in found] == [tried for _, tried in found]
    assert all(tried >= least for (_, tried), least in zip(found, fewest, strict=True))


@pytest.mark.keras
def test_every_way_sees_the_same_pixels(prove_with_keras):
    ours, keras = prove_with_keras("pixels").values()
    assert ours == (288, 288)
    assert keras == (32, 32)
