from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from imgclass.experiment import Experiment
from imgclass.models.spec import ModelSpec
from imgclass.report.mistakes import PICTURED, collect_mistakes, doubted_paths, mistakes_of
from imgclass.run.heat_maps_file import HeatMap

SEEN = Experiment(spec=ModelSpec(image_size=(8, 8)))


def predictions(*rows):
    columns = ["path", "split", "label", "predicted", "probability", "label_probability"]
    return pd.DataFrame(rows, columns=columns)


def collected(*rows, data=Path("data"), **known):
    return collect_mistakes(predictions(*rows), data=data, experiment=SEEN, **known)


def mistakes(*rows, data=Path("data")):
    return collected(*rows, data=data).pictured


def save(path, size=(8, 6), colour=(10, 20, 30)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, "PNG")
    return path


def picture(uri):
    return Image.open(BytesIO(b64decode(uri.partition(",")[2])))


def test_the_surest_mistakes_of_the_split_come_first():
    found = mistakes(
        ("a", "val", "cat", "dog", 0.6, 0.2),
        ("b", "val", "cat", "cat", 0.99, 0.99),
        ("c", "train", "cat", "dog", 0.98, 0.01),
        ("d", "val", "cat", "dog", 0.9, 0.1),
        ("e", "val", "dog", "cat", 0.7, 0.1),
    )
    assert [mistake.path for mistake in found] == ["d", "e", "a"]


def test_equally_sure_mistakes_come_in_the_order_of_their_names():
    rows = [(name, "val", "cat", "dog", 0.5, 0.5) for name in ("z", "b", "a")]
    assert [mistake.path for mistake in mistakes(*rows)] == ["a", "b", "z"]


def test_a_path_is_read_whether_it_is_relative_to_the_data_or_whole(tmp_path):
    file = save(tmp_path / "val" / "cat" / "1.png")
    rows = [(str(p), "val", "cat", "dog", 0.9, 0.1) for p in (file, "val/cat/1.png")]
    found = mistakes(*rows, data=tmp_path)
    assert {(m.path, m.picture is not None) for m in found} == {("val/cat/1.png", True)}


@pytest.mark.parametrize("name", ["a#b?c%20d.png", "ü 日本.png", "..png", "-rf.png"])
def test_names_that_would_break_an_address_are_only_names(tmp_path, name):
    save(tmp_path / name)
    (mistake,) = mistakes((name, "val", "cat", "dog", 0.9, 0.1), data=tmp_path)
    assert (mistake.path, mistake.picture is not None) == (name, True)


@pytest.mark.parametrize("way", ["../secret.png", "val/../../secret.png", "{outside}"])
def test_no_picture_from_outside_the_data_set_gets_into_a_report(tmp_path, way):
    outside = save(tmp_path / "secret.png")
    path = way.format(outside=outside)
    (mistake,) = mistakes((path, "val", "cat", "dog", 0.9, 0.1), data=tmp_path / "data")
    assert (mistake.path, mistake.picture) == ("secret.png", None)


def test_a_data_set_of_symbolic_links_is_shown(tmp_path):
    original = save(tmp_path / "originals" / "1.png")
    link = tmp_path / "data" / "1.png"
    link.parent.mkdir()
    link.symlink_to(original)
    (mistake,) = mistakes(("1.png", "val", "cat", "dog", 0.9, 0.1), data=tmp_path / "data")
    assert mistake.picture is not None


def test_only_the_surest_have_pictures_and_all_have_rows():
    rows = [(f"{i:03}", "val", "cat", "dog", 0.5, 0.5) for i in range(PICTURED + 5)]
    found = collected(*rows)
    assert (len(found.pictured), len(found.rows), found.total) == (PICTURED, *2 * [PICTURED + 5])


def test_a_heat_map_is_shown_with_the_mistake_that_it_is_of(tmp_path):
    for name in ("1.png", "2.png"):
        save(tmp_path / name, colour=(200, 200, 200))
    rows = [(name, "val", "cat", "dog", 0.9, 0.1) for name in ("1.png", "2.png")]
    heat = HeatMap("1.png", "cat", "dog", ((0, 255), (0, 0)))
    stale = replace(heat, path="2.png", predicted="bird")
    first, second = collected(*rows, data=tmp_path, heat=(heat, stale)).pictured
    assert second.heat is None
    glowing = np.asarray(picture(first.heat), float)
    corner, opposite = glowing[10, -10], glowing[-10, 10]
    assert corner[0] > corner[2] + 100
    assert abs(opposite[0] - opposite[2]) < 40


def test_labels_that_the_model_contradicts_with_confidence_are_in_doubt(run):
    table = run.evaluation.predictions
    val = table[table["split"] == "val"]
    names = list(run.class_names)
    rows = np.full((len(val), len(names)), 0.02, np.float32)
    rows[np.arange(len(val)), val["label"].map(names.index)] = 0.82
    rows[7] = 0.01
    rows[7, 9] = 0.91
    evaluation = replace(run.evaluation, probabilities={"val": rows})
    assert doubted_paths(evaluation) == {val["path"].iloc[7]}


def test_without_all_probabilities_no_label_is_in_doubt(run):
    assert mistakes_of(run).doubted == 0
