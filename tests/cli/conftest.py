import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from imgclass.cli import main
from imgclass.serving import Classifier


@pytest.fixture(autouse=True)
def _no_other_process(no_other_process):
    pass


@pytest.fixture
def imgclass(capsys):
    """Run the command line in this process: code, output, errors, and the JSON where asked for."""

    def run(*words):
        with pytest.raises(SystemExit) as exit_:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        parsed = json.loads(out) if "--json" in words else None
        return SimpleNamespace(code=exit_.value.code, out=out, err=err, json=parsed)

    return run


@pytest.fixture
def source(tmp_path):
    """40 images of two classes told apart by brightness, and their CSV."""
    images = tmp_path / "images"
    images.mkdir()
    rng = np.random.default_rng(0)
    rows = ["id,label"]
    for i in range(40):
        pixels = rng.integers(0, 60, (8, 8, 3)) + 150 * (i % 2)
        Image.fromarray(pixels.astype("uint8")).save(images / f"{i}.png")
        rows.append(f"{i},{('dark', 'light')[i % 2]}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    return tmp_path


@pytest.fixture
def organized(imgclass, source):
    done = imgclass(
        "organize",
        source / "labels.csv",
        source / "images",
        source / "data",
        "--val",
        8,
        "--test",
        8,
    )
    assert done.code == 0
    return source / "data"


@pytest.fixture
def run_dir(small_run, keep_run):
    return keep_run(small_run)


class Brightness:
    """A model by hand: the probability of the second of two classes is the mean brightness."""

    def predict_on_batch(self, pixels):
        bright = pixels.astype("float64").mean(axis=(1, 2, 3)) / 255
        return np.stack([1 - bright, bright], axis=1).astype("float32")


@pytest.fixture
def bright_run(run_dir, monkeypatch):
    """A run whose model looks at the brightness: `NA` is bright. Keras is not needed."""
    monkeypatch.setattr(Classifier, "check", lambda _: None)
    monkeypatch.setattr(Classifier, "model", property(lambda _: Brightness()))
    monkeypatch.setattr("imgclass.training.backend.load_keras_quietly", lambda: None)
    return run_dir
