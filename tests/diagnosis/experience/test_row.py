from types import SimpleNamespace

import pandas as pd
import pytest

from imgclass.diagnosis.experience import experience_of
from imgclass.errors import UsageError
from imgclass.evaluation import Evaluation


@pytest.fixture
def make_run(make_evidence, make_score):
    """Give a run that got these of four val images right, or that was not scored."""

    def make(right):
        evidence = make_evidence(0.9, 0.8)
        table = pd.DataFrame(
            {
                "path": list("wxyz"),
                "split": "val",
                "label": "a",
                "predicted": ["a" if path in (right or "") else "b" for path in "wxyz"],
            }
        )
        scores = Evaluation(make_score(0.9, 40), make_score(0.8, 40), None, table)
        return SimpleNamespace(
            experiment=evidence.experiment,
            history=evidence.history,
            manifest=None,
            kept_evaluation=None if right is None else scores,
            small_sample=None,
        )

    return make


def test_a_row_counts_the_images_on_which_two_runs_differ(make_run):
    row = experience_of(make_run("wx"), make_run("xyz"), "deepen", source="mine")
    assert (row.lever, row.source) == ("deepen", "mine")
    assert (row.better, row.worse, row.n, row.gain) == (2, 1, 4, 0.25)
    assert row.seconds == 10.0
    assert (row.situation.train, row.situation.val) == (0.9, 0.8)


def test_a_change_that_made_a_training_fail_lost_everything(make_run):
    row = experience_of(make_run("wx"), make_run(None), "deepen")
    assert (row.better, row.worse, row.n) == (0, 32, 40)


def test_nothing_is_learned_from_a_run_without_scores(make_run):
    with pytest.raises(UsageError, match="no scores"):
        experience_of(make_run(None), make_run("w"), "deepen")
