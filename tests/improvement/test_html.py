from dataclasses import replace

from imgclass.improvement.html import render_improvement, write_improvement


def test_the_page_shows_each_step_with_its_change_and_what_it_brought(lineage):
    page = render_improvement(lineage, "digits-1")
    assert "Val accuracy 85.0 %, from 60.0 %" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "epochs 1 to 2" in page
    assert "+25.0 (" in page
    assert "rejected" in page


def test_the_page_asks_nothing_of_the_network(lineage):
    page = render_improvement(lineage, "digits-1")
    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "")


def test_hostile_words_are_shown_as_text(lineage):
    hostile = "<img src=x onerror=alert(1)>\N{RIGHT-TO-LEFT OVERRIDE}"
    step = replace(lineage.steps[1], note=hostile)
    page = render_improvement(replace(lineage.with_step(step), ended=hostile), hostile)
    assert "<img src=x" not in page
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page


def test_a_lineage_without_a_score_has_a_page_too(lineage):
    assert "Nothing is scored yet" in render_improvement(replace(lineage, steps=()), "x")


def test_the_page_is_written_into_the_folder(lineage, tmp_path):
    path = write_improvement(lineage, tmp_path)
    assert path == tmp_path / "improvement.html"
    assert path.read_text().startswith("<!DOCTYPE html>")


def test_where_the_first_run_lies_is_not_shown(lineage):
    start = replace(lineage.steps[0], run="/home/me/secret/cnn-1")
    child = replace(lineage.steps[1], parent=start.run)
    page = render_improvement(replace(lineage, steps=(start, child)), "x")
    assert "secret" not in page
    assert "on cnn-1" in page
