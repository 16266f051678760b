import re
from dataclasses import replace

import pytest

from imgclass.errors import RunError, UnsafeError, UsageError
from imgclass.report.model_card import render_model_card, write_model_card

HEADINGS = [
    "Data",
    "How good it is",
    "By class, on test",
    "What it confuses",
    "How far its probabilities can be trusted",
    "Limits",
    "Training",
    "How to use it",
]


def test_a_card_has_its_sections_in_the_order_in_which_they_are_asked_for(small_run):
    card = render_model_card(small_run)
    assert re.findall(r"^## (.*)$", card, re.MULTILINE) == HEADINGS
    assert card == render_model_card(small_run)


def test_results_stand_with_their_intervals(small_run):
    assert "| val | 400 | 80.0 % | 75.8 to 83.6 % | 0.600 |" in render_model_card(small_run)


def test_without_test_images_the_figures_are_those_of_val_and_the_card_says_what_that_means(
    small_run,
):
    evaluation = replace(small_run.kept_evaluation, test=None)
    card = render_model_card(replace(small_run, kept_evaluation=evaluation))
    assert "## By class, on val" in card
    assert "so that val accuracy is a little too high" in card


def test_no_name_from_outside_becomes_markup(hostile):
    markdown = pytest.importorskip("markdown_it")
    pages = markdown.MarkdownIt("commonmark", {"linkify": False}).enable("table")
    card = render_model_card(hostile)
    text = card.split("\n---\n", 1)[1]
    tokens = pages.parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text", "text_special", "code_inline", "softbreak"}
    blocks = {token.content.strip() for token in tokens if token.type == "html_block"}
    assert blocks == {"<details><summary>All settings</summary>", "</details>"}
    headings = [token for token in tokens if token.type == "heading_open"]
    assert len(headings) == 1 + len(HEADINGS)
    shown = "".join(child.content for child in inline)
    for name in ("<script>alert(1)</script>", "[a](http://x.y) | b", "`__www.x.y__`"):
        assert name in shown


def test_no_place_of_this_machine_and_no_file_name_is_in_a_card(small_run, tmp_path):
    spec = replace(small_run.experiment.spec, weights=str(tmp_path / "mine.npz"))
    run = replace(small_run, experiment=replace(small_run.experiment, spec=spec))
    card = render_model_card(run)
    assert str(tmp_path) not in card
    assert "mine.npz" in card
    assert ".png" not in card


def test_a_run_without_scores_says_what_to_do_first(small_run):
    with pytest.raises(RunError, match="It has no scores"):
        render_model_card(replace(small_run, kept_evaluation=None))


@pytest.mark.parametrize("words", ["a\nb", "x" * 101, " mit"])
def test_a_licence_is_a_short_line(small_run, words):
    with pytest.raises(UsageError, match="Expected licence as a line"):
        render_model_card(small_run, licence=words)


def test_a_card_that_is_there_is_replaced_only_when_asked(small_run):
    small_run.path.mkdir()
    card = write_model_card(small_run)
    card.write_text("completed by hand")
    with pytest.raises(UnsafeError, match="completed by hand"):
        write_model_card(small_run)
    assert card.read_text() == "completed by hand"
    assert "---\nlicense" in write_model_card(small_run, force=True).read_text()
