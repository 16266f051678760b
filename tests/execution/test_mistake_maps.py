import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from imgclass.execution.mistake_maps import keep_heat_maps
from imgclass.run.directory import RunDirectory
from imgclass.run.heat_maps_file import FILE, MOST


@pytest.fixture
def job(small_run, tmp_path):
    """A finished run whose images are gone, with a model that cannot predict."""
    small_run.path.mkdir()
    return SimpleNamespace(
        directory=RunDirectory(small_run.path, small_run.record),
        experiment=small_run.experiment,
        flows=SimpleNamespace(root=tmp_path / "gone", class_names=small_run.class_names),
        plain=None,
    )


def test_images_that_are_gone_have_no_map(job, small_run):
    keep_heat_maps(job, small_run.evaluation)
    assert json.loads((small_run.path / FILE).read_text())["maps"] == []


def test_a_run_goes_on_if_its_maps_cannot_be_computed(job, small_run, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("the backend failed")

    monkeypatch.setattr("imgclass.execution.mistake_maps._maps", fail)
    keep_heat_maps(job, small_run.evaluation)
    assert json.loads((small_run.path / FILE).read_text())["maps"] == []


@pytest.mark.parametrize("seconds", [[0.0], [1.0, None]])
def test_there_is_a_map_for_each_of_the_surest_mistakes_that_was_computed(
    job, small_run, monkeypatch, seconds
):
    root = job.flows.root
    rows = small_run.evaluation.predictions.query("split == 'val' and label != predicted")
    for path in rows["path"]:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 9)).save(root / path)
    asked = []

    def maps(_, images, classes, against, **__):
        asked.append((images.shape, len(classes), len(against)))
        return [None if s is None else np.array([[0.0, s]]) for s in seconds]

    monkeypatch.setattr("imgclass.serving.attention.evidence_maps", maps)
    keep_heat_maps(job, small_run.evaluation)
    assert asked == [((MOST, 8, 8, 3), MOST, MOST)]
    kept = json.loads((small_run.path / FILE).read_text())["maps"]
    assert [one["rows"] for one in kept] == [[[0, round(255 * seconds[0])]]]
    assert kept[0]["label"] != kept[0]["predicted"]
