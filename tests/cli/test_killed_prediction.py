"""A prediction that the system kills is gone on with by another process."""

import os
import signal
import time

import numpy as np
import pytest
from PIL import Image

from imgclass.entry_points import Origin
from imgclass.io.fs import FileSystem
from imgclass.models.metadata import ModelMetadata
from imgclass.models.model_file import save_model
from imgclass.models.spec import ModelSpec

pytestmark = [
    pytest.mark.keras,
    pytest.mark.thorough,
    pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL"),
]

IMAGES, BATCH = 5_000, 64
PATIENCE = 120  # seconds until a process must have come so far


@pytest.fixture
def place(tmp_path):
    """A model file, and a folder of many images, of which one cannot be read."""
    from imgclass.models import architectures
    from imgclass.models.plain import plain_copy
    from imgclass.training.hardware import building

    with building(precision="float32", seed=0):
        model = plain_copy(architectures["cnn"](ModelSpec(image_size=(16, 16), width=8), 3))
    origin = Origin("imgclass-keras", "0.2.0", "imgclass.models.cnn:cnn")
    metadata = ModelMetadata(("cat", "dog", "owl"), (16, 16), "stretch", False, "cnn", origin)
    save_model(model, tmp_path / "model.keras", metadata, files=FileSystem())
    folder, random = tmp_path / "photos", np.random.default_rng(0)
    folder.mkdir()
    for i in range(100):
        pixels = random.integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{i:05}.png")
    for i in range(100, IMAGES):
        (folder / f"{i:05}.png").hardlink_to(folder / f"{(7 * i) % 100:05}.png")
    (folder / "00300b.png").write_text("no image")
    return tmp_path


def kill_in_the_middle(process, table):
    """Kill a prediction once some batches are written, at whatever it is doing then."""
    deadline = time.monotonic() + PATIENCE
    while not table.exists() or table.read_bytes().count(b"\n") < 3 * BATCH:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def test_a_killed_prediction_ends_as_one_that_nothing_disturbed(start_python, place):
    def predict(table):
        words = ("predict", "model.keras", "photos", "--csv", table)
        return start_python("-m", "imgclass", *words, cwd=place)

    def finish(process):
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 4, out + err
        assert "00300b.png" in err
        return err

    finish(predict("whole.csv"))
    kill_in_the_middle(predict("killed.csv"), place / "killed.csv")
    before = (place / "killed.csv").read_bytes()
    whole = (place / "whole.csv").read_bytes()
    assert len(before) < len(whole)
    assert "already; going on there" in finish(predict("killed.csv"))
    assert (place / "killed.csv").read_bytes() == whole
    assert sorted(path.name for path in place.glob("*csv*")) == ["killed.csv", "whole.csv"]
