import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from imgclass.evaluation import Score
from imgclass.run.test_looks import FILE, read_looks


@pytest.fixture
def worse_dir(small_run, keep_run):
    """A run on the same images that gets 30 of the 320 right val images wrong, and less dropout."""
    evaluation, names = small_run.evaluation, small_run.class_names
    table = evaluation.predictions.copy()
    right = table.index[(table["split"] == "val") & (table["label"] == table["predicted"])][:30]
    table.loc[right, "predicted"] = np.where(table.loc[right, "label"] == "01", "NA", "01")
    val = Score(names, ((130, 70), (40, 160)), 0.6)
    return keep_run(
        replace(
            small_run,
            path=small_run.path.parent / "worse",
            experiment=replace(
                small_run.experiment, spec=replace(small_run.experiment.spec, dropout=0.5)
            ),
            kept_evaluation=replace(evaluation, predictions=table, val=val),
        )
    )


def test_two_runs_are_compared_image_by_image(imgclass, run_dir):
    done = imgclass("compare", run_dir, run_dir, "--json")
    assert done.code == 0
    assert (done.json["better"], done.json["worse"], done.json["p_value"]) == (0, 0, 1.0)
    assert done.json["n"] > 0
    assert done.json["changes"] == []


def test_people_read_both_accuracies_and_whether_the_difference_may_be_luck(imgclass, run_dir):
    done = imgclass("compare", run_dir, run_dir)
    assert done.out.count("80.0 %        75.8 to 83.6 %") == 2
    assert "0 val images better, 0 worse" in done.out
    assert "may be luck" in done.out


def test_two_runs_are_compared_in_the_order_in_which_they_are_given(imgclass, run_dir, worse_dir):
    there, back = (
        imgclass("compare", *pair, "--json").json
        for pair in ((worse_dir, run_dir), (run_dir, worse_dir))
    )
    assert (there["better"], there["worse"], there["changes"]) == (30, 0, ["dropout 0.5 to 0"])
    assert (back["better"], back["worse"], back["changes"]) == (0, 30, ["dropout 0 to 0.5"])
    assert [run["name"] for run in there["runs"]] == ["run", "worse"]


def test_a_folder_of_runs_is_ranked(imgclass, run_dir, worse_dir):
    done = imgclass("compare", run_dir.parent, "--json")
    assert done.code == 0
    best, other = done.json["runs"]
    assert (best["name"], best["rank"], best["against_best"]) == ("run", 1, None)
    assert (other["name"], other["rank"]) == (worse_dir.name, 2)
    assert other["against_best"]["worse"] == 30
    assert other["p_corrected"] < 0.001
    assert done.json["test_looks"] is None
    assert done.json["better"] == 30  # the worse one first


def test_people_read_ranks_and_what_each_run_cost(imgclass, run_dir, worse_dir):
    done = imgclass("compare", run_dir, worse_dir)
    assert "run is better than the other run, by more than luck." in done.out
    assert "-7.5 (-10." in done.out
    for heading in ("rank", "fitting", "epochs", "train images", "parameters"):
        assert heading in done.out


def test_a_run_of_other_images_is_named_and_the_command_ends_with_4(
    imgclass, small_run, keep_run, run_dir, worse_dir
):
    samples = tuple(
        replace(sample, path=f"x/{sample.path}", sha256=f"{10**9 + i:064x}")
        for i, sample in enumerate(small_run.manifest.samples)
    )
    table = small_run.evaluation.predictions
    table = table.assign(path="x/" + table["path"])
    strange = keep_run(
        replace(
            small_run,
            path=small_run.path.parent / "strange",
            manifest=replace(small_run.manifest, samples=samples),
            kept_evaluation=replace(small_run.evaluation, predictions=table),
        )
    )
    done = imgclass("compare", run_dir, worse_dir, strange, "--json")
    assert done.code == 4
    [excluded] = done.json["excluded"]
    assert excluded["name"] == "strange"
    assert "Left out: strange. It has no val image in common with run" in (
        imgclass("compare", run_dir, worse_dir, strange).out
    )
    alone = imgclass("compare", run_dir, strange)
    assert alone.code == 2
    assert "none in common" in alone.err


def test_test_scores_are_shown_only_if_asked_for(imgclass, run_dir, worse_dir):
    plain = imgclass("compare", run_dir, worse_dir)
    assert "test" not in plain.out
    assert read_looks(run_dir) == ()
    asked = imgclass("compare", run_dir, worse_dir, "--test")
    assert "test accuracy" in asked.out
    assert "val accuracy" in asked.out
    assert asked.err == ""
    assert [len(read_looks(path)) for path in (run_dir, worse_dir)] == [1, 1]


def test_a_second_look_at_test_scores_is_warned_of_and_counted(imgclass, run_dir, worse_dir):
    first = imgclass("compare", run_dir, worse_dir, "--test", "--json")
    second = imgclass("compare", run_dir, worse_dir, "--test", "--json")
    assert (first.json["test_looks"], second.json["test_looks"]) == (1, 2)
    assert first.err == ""
    assert "looked at 2 times" in second.err
    assert "too high" in second.err


@pytest.mark.skipif("os.name == 'nt'", reason="links need rights there")
def test_a_look_that_cannot_be_noted_breaks_nothing_and_is_said(imgclass, run_dir, worse_dir):
    (worse_dir / FILE).symlink_to("nowhere")
    done = imgclass("compare", run_dir, worse_dir, "--test", "--json")
    assert done.code == 0
    assert done.json["test_looks"] == 1
    assert f"could not be noted in {worse_dir}" in done.err


def test_a_page_is_written(imgclass, run_dir, worse_dir, tmp_path):
    page = tmp_path / "page.html"
    done = imgclass("compare", run_dir, worse_dir, "--page", page, "--json")
    assert done.json["page"] == str(page)
    assert "dropout 0 to 0.5" in page.read_text(encoding="utf-8")


def test_one_run_alone_is_refused(imgclass, run_dir):
    done = imgclass("compare", run_dir)
    assert done.code == 2
    assert "two runs or more, or a folder of runs" in done.err


@pytest.mark.parametrize("missing", [0, 1])
def test_a_run_that_is_not_there_is_named(imgclass, run_dir, missing):
    runs = [run_dir, run_dir]
    runs[missing] = run_dir.parent / "none"
    done = imgclass("compare", *runs)
    assert done.code == 3
    assert "none" in done.err


@pytest.mark.thorough
def test_comparing_does_not_import_keras(run_dir, worse_dir, tmp_path):
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('keras' in sys.modules, 'matplotlib' in sys.modules))\n"
        "from imgclass.cli import main; main(sys.argv[1:])"
    )
    words = ("compare", str(run_dir), str(worse_dir), "--page", str(tmp_path / "page.html"))
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("False False\n")
