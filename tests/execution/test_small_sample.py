import keras
import numpy as np
import pytest
from PIL import Image

from imgclass import Experiment, ModelSpec, Run, TrainingConfig, architectures, run_experiment
from imgclass.flows import PRESETS

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("no_reload_check")]


@pytest.fixture
def noise(tmp_path):
    """Give images of noise, whose classes are drawn at random."""
    rng = np.random.default_rng(0)
    for split, n in (("train", 24), ("val", 12)):
        for i in range(n):
            path = tmp_path / "data" / split / "ab"[rng.integers(2)] / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).save(path)
    return tmp_path / "data"


def test_a_run_that_learned_nothing_tries_a_small_sample_and_remembers_it(noise, tmp_path):
    def one_layer(spec, num_classes):
        inputs = keras.Input((*spec.image_size, 3))
        scaled = keras.layers.Rescaling(1 / 255, -0.5)(keras.layers.Flatten()(inputs))
        dense = keras.layers.Dense(
            num_classes, "softmax", kernel_initializer="zeros", dtype="float32"
        )
        return keras.Model(inputs, dense(scaled))

    architectures.register("one_layer", one_layer)
    one_small_step = Experiment(
        "one_layer",
        spec=ModelSpec(image_size=8),
        training=TrainingConfig(epochs=4, optimizer="sgd", learning_rate=1.3e-3, batch_size=32),
        augmentation=PRESETS["none"],
    )
    run_experiment(noise, one_small_step, run_dir=tmp_path / "run", progress=False)
    run = Run.load(tmp_path / "run")
    correct, n = run.record.small_sample
    assert n == 24
    assert correct >= 0.95 * 24
    assert run.evidence.small_sample.n == 24
    assert run.diagnosis.verdict.name == "no_signal"
