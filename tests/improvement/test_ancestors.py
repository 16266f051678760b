from dataclasses import replace

from imgclass.improvement.ancestors import ancestors, lineage_beside
from imgclass.improvement.lineage import write_lineage


def test_the_way_to_a_run_begins_at_the_start_and_ends_with_it(lineage):
    found = ancestors(lineage, "02")
    assert [(step.name, step.verdict) for step in found] == [
        ("00", "start"),
        ("01", "kept"),
        ("02", "rejected"),
    ]
    assert found[1].changes == "epochs 1 to 2"
    assert found[1].accuracy == 0.85


def test_where_the_first_run_lies_is_not_told(lineage):
    start = replace(lineage.steps[0], run="/home/me/secret/cnn-1")
    child = replace(lineage.steps[1], parent=start.run)
    found = ancestors(replace(lineage, steps=(start, child)), "01")
    assert found[0].name == "cnn-1"


def test_a_lineage_that_goes_round_in_circles_ends(lineage):
    start = replace(lineage.steps[0], parent="01")
    assert len(ancestors(replace(lineage, steps=(start, lineage.steps[1])), "01")) == 2


def test_a_run_that_no_improvement_made_has_no_ancestors(lineage, tmp_path):
    assert lineage_beside(tmp_path / "01") == ()
    write_lineage(lineage, tmp_path)
    assert len(lineage_beside(tmp_path / "01")) == 2
    assert lineage_beside(tmp_path / "other") == ()
    (tmp_path / "lineage.json").write_text("{")
    assert lineage_beside(tmp_path / "01") == ()
