from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def rows():
    """Give the rows of one situation of very small images, and the module that made them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        experience = import_module("experience")
        small = import_module("drawn_images").DrawnSet("dots", 1, images=90, side=8, classes=2)
        patch.setattr(experience, "random_set", lambda *_: small)
        patch.setattr(experience, "MOST_STEPS", 2)
        patch.setattr("imgclass.execution.experiments.try_small_sample", lambda *_, **__: None)
        patch.setattr(experience, "PULLED", 2)
        # Two steps teach a network nothing, and a failed training is told another thing.
        patch.setattr(experience, "advised", lambda _: set(experience.LEVERS))
        return experience.rows_of_situation(0)


def test_a_situation_gives_rows_of_what_its_levers_brought(rows):
    assert len({row.lever for row in rows}) >= 2
    assert {row.source for row in rows} == {"0 dots"}
    assert {row.n for row in rows} == {45}
    assert all(row.situation.n_train == 45 for row in rows)


def test_levers_are_pulled_alone_and_together(rows):
    counts = [sum(row.lever == lever for row in rows) for lever in {row.lever for row in rows}]
    assert max(counts) >= 2


def test_a_fault_gives_rows_of_what_its_diagnosis_recommends(benchmark, monkeypatch):
    experience, drawn_images = benchmark("experience"), benchmark("drawn_images")
    small = drawn_images.DrawnSet("dots", 1, images=90, side=8, classes=2)
    monkeypatch.setattr(experience, "random_set", lambda *_: small)
    monkeypatch.setattr(benchmark("faults"), "ENOUGH", small.images)
    rows = experience.rows_of_fault(0)  # too short
    assert [row.lever for row in rows] == ["train_as_usual", "train_longer"]
    assert {row.situation.n_train for row in rows} == {45}
    assert all(row.situation.epochs <= 3 for row in rows)
