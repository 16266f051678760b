"""What a leak adds is counted by the test images that have a near-duplicate in train."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def study(monkeypatch):
    from importlib import import_module

    monkeypatch.syspath_prepend(str(EXAMPLES))
    return import_module("reference_leak")


def test_test_images_with_a_near_duplicate_in_train_are_scored_apart(study):
    rows = [
        ("train/cat/1.jpg", "train", "cat", "dog"),
        ("test/cat/2.jpg", "test", "cat", "cat"),  # like 1, which is in train
        ("test/cat/3.jpg", "test", "cat", "dog"),
        ("test/dog/4.jpg", "test", "dog", "cat"),  # like 3, which is not
    ]
    table = pd.DataFrame(rows, columns=["path", "split", "label", "predicted"])
    run = SimpleNamespace(evaluation=SimpleNamespace(predictions=table))
    duplicates = {"1.jpg": {"2.jpg"}, "2.jpg": {"1.jpg"}, "3.jpg": {"4.jpg"}, "4.jpg": {"3.jpg"}}
    leaking, others = study.hits(run, duplicates)
    assert (leaking, others) == ([True], [False, False])


def test_the_leak_adds_what_the_accuracy_loses_without_those_images(study):
    shuffled = [([True] * 4, [True] * 3 + [False] * 3), ([True] * 4, [True] * 3 + [False] * 3)]
    lines = study.report(1, [([], [True, False])], shuffled).splitlines()
    assert lines[1].endswith("0.5000 (0.095 to 0.905, n=2)")
    assert lines[2].split("random")[1].split()[0] == "0.7000"
    assert lines[5].split() == ["the", "leak", "adds", "+0.2000"]
    assert lines[6].endswith("0.6296")


def test_the_random_split_has_the_notebooks_shares_and_every_image_once(study, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    rng = np.random.default_rng(0)
    rows = ["id,label"]
    for i in range(100):
        pixels = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(images / f"{i}.jpg")
        rows.append(f"{i},{('cat', 'dog')[i % 2]}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    first, again, other = (
        study.at_random(tmp_path / "labels.csv", images, tmp_path / name, seed)
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert first.counts == {"train": 90, "val": 5, "test": 5}
    names = [Path(sample.path).name for sample in first.manifest.samples]
    assert sorted(names) == sorted(f"{i}.jpg" for i in range(100))
    assert first.manifest == again.manifest
    assert first.manifest.samples != other.manifest.samples
