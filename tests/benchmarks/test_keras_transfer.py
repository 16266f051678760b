"""The baseline trains, and tells its accuracy by seconds."""

import json
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "keras_transfer.py"

pytestmark = [pytest.mark.keras, pytest.mark.thorough]


def test_both_phases_print_an_accuracy_after_each_epoch(run_python, photos, tmp_path):
    words = "--architecture cnn --weights random --image-size 32 --epochs 1 --head-epochs 1"
    done = run_python(SCRIPT, photos, *words.split(), "--fine-tune", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["phase"] for line in lines] == ["frozen", "fine-tuning"]
    assert 0 < lines[0]["seconds"] < lines[1]["seconds"]
    assert all(0 <= line["val_accuracy"] <= 1 for line in lines)
