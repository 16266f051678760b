"""The run that lies here was made by imgclass 0.1.0, before format 2."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from imgclass import Run
from imgclass.errors import RunError
from imgclass.execution import diagnose_run, evaluate_run

OLD = Path(__file__).parent / "run-0.1.0"


def test_a_run_of_the_first_version_loads():
    run = Run.load(OLD)
    assert (run.status, run.class_names) == ("finished", ("dark", "light"))
    assert [epoch.val_accuracy for epoch in run.history.epochs] == [0.5, 1.0, 1.0]
    assert run.evaluation.test.n == 8
    assert run.diagnosis.verdict.name == "good_enough"
    assert run.experiment.spec.width == 4


@pytest.mark.keras
@pytest.mark.thorough
def test_its_model_predicts_as_it_did_in_a_process_of_its_own(tmp_path):
    Image.new("RGB", (8, 8), (200, 200, 200)).save(tmp_path / "light.png")
    code = (
        "import sys; from imgclass import Run\n"
        "print(Run.load(sys.argv[1]).predict(sys.argv[2])[0].top1)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, OLD, tmp_path / "light.png"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "light"


@pytest.mark.parametrize("again", [evaluate_run, diagnose_run])
def test_it_is_left_as_it_is(again):
    before = {path.name: path.read_bytes() for path in OLD.iterdir()}
    with pytest.raises(RunError, match=r"imgclass 0\.1\.0"):
        again(OLD)
    assert {path.name: path.read_bytes() for path in OLD.iterdir()} == before
