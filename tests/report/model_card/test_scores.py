from dataclasses import replace

import pandas as pd

from imgclass.report.model_card.scores import score_sections
from imgclass.run.test_looks import record_look


def test_a_class_without_images_has_no_figures_and_comes_last(with_names):
    _, classes, _, _ = score_sections(with_names("ant", "bee", "wasp"))
    assert classes.endswith("| wasp | 0 | n/a | no images | n/a | n/a |")


def test_mistakes_stand_with_their_share_of_the_class(with_names):
    _, _, confused, _ = score_sections(with_names("ant", "bee"))
    assert "| ant | bee | 40 | 20.0 % |" in confused


def test_looks_at_the_test_accuracy_are_counted(small_run):
    small_run.path.mkdir()
    record_look([small_run.path])
    first, *_ = score_sections(small_run)
    assert "were compared 1 time." in first


def test_probabilities_that_are_too_low_are_said_with_what_would_mend_them(small_run):
    *_, trust = score_sections(small_run)
    assert "by 5.0 % on average" in trust
    assert "Their mean is 75.0 %, the accuracy 80.0 %: on the whole they are too low." in trust
    assert "fitted on val, mends most of that" in trust


def test_of_few_images_the_calibration_is_not_told(small_run):
    kept = small_run.kept_evaluation
    table = kept.predictions
    few = table[table["split"] == "test"].head(60)
    evaluation = replace(
        kept,
        test=replace(kept.test, confusion=((48, 12), (0, 0))),
        predictions=pd.concat([table[table["split"] != "test"], few]),
    )
    *_, trust = score_sections(replace(small_run, kept_evaluation=evaluation))
    assert "60 test images are too few" in trust
