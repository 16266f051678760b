"""Training under each of Keras's other backends, in processes of their own."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.keras, pytest.mark.thorough]

BACKENDS = ("jax", "torch")
OPTIMIZERS = ("adam", "sgd", "muon")

# Two classes told apart by their brightness, learnt with each optimizer.
TRAIN = """
import json, math, sys
from pathlib import Path
from imgclass.training.backend import load_keras_quietly
load_keras_quietly()
import keras
import numpy as np
from imgclass import ModelSpec, Trainer, TrainingConfig, architectures
from imgclass.flows.flow import Flows
from imgclass.training.hardware import building, describe_compute

class Memory(keras.utils.PyDataset):
    def __init__(self, n):
        super().__init__()
        self.labels, self.batch_size = np.arange(n) % 2, 8
        noise = np.random.default_rng(n).integers(0, 60, (n, 8, 8, 3))
        self.images = (noise + 150 * self.labels[:, None, None, None]).astype("float32")
        self.paths = tuple(Path(f"data/{i}.png") for i in range(n))

    def __len__(self):
        return math.ceil(len(self.labels) / self.batch_size)

    def __getitem__(self, index):
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.images[part], np.eye(2, dtype="float32")[self.labels[part]]

    def start_epoch(self, epoch):
        pass

    def batch_paths(self, index):
        return self.paths[index * self.batch_size : (index + 1) * self.batch_size]

compute, trained = describe_compute(), {}
for optimizer in sys.argv[1:]:
    with building(precision="auto", seed=0):
        spec = ModelSpec(image_size=(8, 8), depth=1, width=8)
        model = architectures["cnn"](spec, 2)
    clean = Memory(16)
    flows = Flows(Memory(32), clean, clean, None, ("dark", "light"), (8, 8), Path("data"))
    config = TrainingConfig(epochs=3, optimizer=optimizer, batch_size=8)
    losses = []
    told = keras.callbacks.LambdaCallback(on_epoch_end=lambda _, logs: losses.append(logs["loss"]))
    convolution = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    Trainer(config, callbacks=[told], progress=False).fit(model, flows)
    trained[optimizer] = {
        "losses": losses,
        "compiled": model.jit_compile,
        "precision": convolution.dtype_policy.name,
    }
# The same once undisturbed and once ended at a batch of the second epoch, and gone on with.
from tempfile import TemporaryDirectory
from imgclass.training.interrupts import AnswerInterrupts
from imgclass.training import save_pace
from imgclass.training.checkpoints.folder import CheckpointFolder

save_pace.SHARE = 1.0  # a checkpoint after each epoch, however long it takes to write one

class Died(BaseException):
    pass

def train(how, checkpoints, end_at=None):
    def answer(self, batch, logs=None):
        if (self.epoch, batch) == end_at:
            raise Died
    AnswerInterrupts.on_train_batch_end = answer
    with building(precision="auto", seed=0):
        spec = ModelSpec(image_size=(8, 8), depth=1, width=8, head_units=(8,), dropout=0.5)
        model = architectures["cnn"](spec, 2)
    clean = Memory(16)
    flows = Flows(Memory(32), clean, clean, None, ("dark", "light"), (8, 8), Path("data"))
    trainer = Trainer(TrainingConfig(epochs=3, optimizer="adam", batch_size=8), progress=False)
    history = getattr(trainer, how)(model, flows, checkpoints=checkpoints)
    last = checkpoints.newest().arrays
    return (
        [(epoch.loss, epoch.val_loss, epoch.learning_rate) for epoch in history.epochs],
        [weight.tobytes() for weight in model.get_weights()],
        {name: array.tobytes() for name, array in last.items()},
    )

equal = {}
with TemporaryDirectory() as place:
    undisturbed = train("fit", CheckpointFolder(Path(place) / "undisturbed"))
    for name, every in (("epochs", 180.0), ("batches", 0.0)):
        checkpoints = CheckpointFolder(Path(place) / name, every=every)
        try:
            train("fit", checkpoints, end_at=(1, 1))
        except Died:
            state = checkpoints.newest().state
        again = train("resume", checkpoints)
        equal[name] = {
            "place": [state.place.epoch, state.place.batch],
            "history": again[0] == undisturbed[0],
            "weights": again[1] == undisturbed[1],
            "arrays": again[2] == undisturbed[2],
        }

print(json.dumps({
    "equal": equal,
    "backend": keras.config.backend(),
    "compilation": compute.compilation,
    "precision": compute.precision,
    "trained": trained,
}))
"""


@pytest.fixture(scope="module", params=BACKENDS)
def outcome(request):
    """What one process under a backend tells of its trainings."""
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, *OPTIMIZERS],
        env=os.environ | {"KERAS_BACKEND": request.param, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["backend"] == request.param
    return told


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_optimizer_lowers_the_loss(outcome, optimizer):
    losses = outcome["trained"][optimizer]["losses"]
    assert len(losses) == 3
    assert losses[-1] < losses[0]


def test_models_are_compiled_and_computed_as_chosen(outcome):
    assert outcome["compilation"] is (outcome["backend"] == "jax")
    for trained in outcome["trained"].values():
        assert trained["compiled"] is outcome["compilation"]
        assert trained["precision"] == outcome["precision"]


@pytest.mark.parametrize(("by", "place"), [("epochs", [1, 0]), ("batches", [1, 2])])
def test_a_training_that_is_gone_on_with_ends_as_if_nothing_had_been(outcome, by, place):
    expected = {"place": place, "history": True, "weights": True, "arrays": True}
    assert outcome["equal"][by] == expected


def imgclass(folder, *words, backend):
    command = [sys.executable, "-m", "imgclass", *map(str, words), "--json"]
    environment = os.environ | {"KERAS_BACKEND": backend}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_main_job_runs_and_another_backend_predicts_the_same(folder, backend):
    place = folder.parent
    options = ["--depth", 1, "--width", 8, "--epochs", 3, "--run-dir", "run"]
    trained = imgclass(place, "train", "data", *options, backend=backend)
    assert (trained["status"], trained["test"]["n"]) == ("finished", 8)
    record = json.loads((place / "run" / "run.json").read_text())
    assert record["environment"]["backend"].startswith(f"{backend} ")
    again = imgclass(place, "evaluate", "run", backend=backend)
    assert again["val"] == trained["val"]
    image = next((folder / "val").rglob("*.png"))
    own, other = (
        {
            answer["class"]: answer["probability"]
            for answer in imgclass(place, "predict", "run", image, backend=b)["predictions"][0][
                "top"
            ]
        }
        for b in (backend, "tensorflow")
    )
    assert own == pytest.approx(other, abs=1e-5)
