from dataclasses import replace

import pytest


@pytest.mark.parametrize("verb", ["diagnose", "report", "predict", "evaluate", "train"])
def test_a_run_that_somebody_spoiled_is_one_short_line(imgclass, run_dir, verb, tmp_path):
    path = run_dir / "run.json"
    path.write_text(path.read_text().replace('"NA"', '"' + "\\u001b[2J" * 1_000_000 + '"'))
    words = {
        "predict": [run_dir, tmp_path / "1.png"],
        "train": [tmp_path, "--follow", run_dir],
    }
    done = imgclass(verb, *words.get(verb, [run_dir]))
    assert done.code == 3
    assert "run.json" in done.err
    assert len(done.err) < 1200
    assert "\x1b" not in done.err
    assert done.err.count("\n") == 1


def test_texts_of_a_run_are_short_and_cannot_drive_the_terminal(imgclass, small_run, keep_run):
    finding = small_run.diagnosis.verdict
    hostile = replace(
        finding, name="\x1b[2J" * 100, explanation="z\x1b" * 40_000, advice=("a\n" * 999,)
    )
    diagnosis = replace(small_run.diagnosis, findings=(hostile,))
    experiment = replace(small_run.experiment, architecture="\x9b" * 90_000)
    path = keep_run(replace(small_run, kept_diagnosis=diagnosis, experiment=experiment))
    said = imgclass("diagnose", path).out + imgclass("runs", path).out
    assert len(said) < 10_000
    assert "\x1b" not in said
    assert "\x9b" not in said
    imgclass("report", path)
    assert len((path / "report.html").read_text()) < 500_000
