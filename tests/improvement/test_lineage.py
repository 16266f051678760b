import json
from dataclasses import replace

import pytest

from imgclass.errors import MachineError, RunError
from imgclass.improvement.lineage import FILE, Step, read_lineage, write_lineage


def test_a_lineage_is_read_as_it_was_written(lineage, tmp_path):
    write_lineage(lineage, tmp_path)
    assert read_lineage(tmp_path) == lineage


def test_the_best_step_is_the_last_that_was_kept(lineage):
    assert lineage.best.run == "01"


def test_before_the_start_is_scored_there_is_no_best_step(lineage):
    assert replace(lineage, steps=()).best is None


def test_only_a_step_without_a_verdict_is_open(lineage):
    assert lineage.open is None
    assert lineage.with_step(Step("03", parent="01")).open.run == "03"


def test_a_step_takes_the_place_of_the_one_of_its_run(lineage):
    after = lineage.with_step(replace(lineage.steps[2], verdict="failed"))
    assert [step.verdict for step in after.steps] == ["start", "kept", "failed"]


def test_changes_that_were_only_tried_shortly_may_be_tried_again(lineage):
    waiting = replace(lineage.steps[2], run="03", is_chosen=False, verdict="trying")
    after = replace(lineage, steps=(*lineage.steps[:2], waiting))
    assert after.tried == {("epochs 1 to 2",)}
    assert lineage.tried == {("epochs 1 to 2",), ("depth 2 to 3",)}


def test_a_folder_without_a_lineage_is_named(tmp_path):
    with pytest.raises(RunError, match=r"`imgclass improve` made; .* has no lineage\.json"):
        read_lineage(tmp_path)


@pytest.mark.parametrize("content", ["", "{", '{"format": 1}', "[]"])
def test_a_damaged_lineage_is_named(content, tmp_path):
    (tmp_path / FILE).write_text(content)
    with pytest.raises(RunError, match=r"a lineage that can be read; .*lineage\.json"):
        read_lineage(tmp_path)


def test_a_lineage_of_another_version_says_which_is_needed(lineage, tmp_path):
    write_lineage(lineage, tmp_path)
    plain = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps(plain | {"format": 2}))
    with pytest.raises(RunError, match=r"Expected format 1; .* has 2\. Install the imgclass"):
        read_lineage(tmp_path)


def test_a_lineage_that_cannot_be_written_is_an_error_of_the_machine(lineage, tmp_path):
    with pytest.raises(MachineError):
        write_lineage(lineage, tmp_path / "none")
