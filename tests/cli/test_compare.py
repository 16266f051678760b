import pytest


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


@pytest.mark.parametrize("missing", [0, 1])
def test_a_run_that_is_not_there_is_named(imgclass, run_dir, missing):
    runs = [run_dir, run_dir]
    runs[missing] = run_dir.parent / "none"
    done = imgclass("compare", *runs)
    assert done.code == 3
    assert "none" in done.err
