"""Training under each of Keras's other backends, in processes of their own."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.keras, pytest.mark.thorough]

BACKENDS = ("jax", "torch")
OPTIMIZERS = ("adam", "sgd", "muon")

# Two classes told apart by their brightness, learnt with each optimizer by a network of one
# convolution: compiling it takes most of the time.
TRAIN = """
import json, math, shutil, sys
from pathlib import Path
from imgclass.training.backend import load_keras_quietly
load_keras_quietly()
import keras
import numpy as np
from keras import layers
from imgclass import ModelSpec, Trainer, TrainingConfig
from imgclass.flows.flow import Flows
from imgclass.models.head import classify
from imgclass.training.hardware import building, describe_compute

def build(dropout=0.0):
    spec = ModelSpec(image_size=(8, 8), dropout=dropout)
    with building(precision="auto", seed=0):
        inputs = layers.Input(spec.input_shape())
        features = layers.Rescaling(1 / 64, offset=-2.0)(inputs)
        features = layers.Conv2D(4, 3, use_bias=False)(features)
        features = layers.BatchNormalization(momentum=0.9)(features)
        return classify(inputs, layers.ReLU()(features), spec=spec, num_classes=2)

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

def flows():
    clean = Memory(16)
    return Flows(Memory(32), clean, clean, None, ("dark", "light"), (8, 8), Path("data"))

compute, trained = describe_compute(), {}
for optimizer in sys.argv[1:]:
    model, losses = build(), []
    config = TrainingConfig(epochs=3, optimizer=optimizer, batch_size=8)
    told = keras.callbacks.LambdaCallback(on_epoch_end=lambda _, logs: losses.append(logs["loss"]))
    convolution = next(layer for layer in model.layers if isinstance(layer, layers.Conv2D))
    Trainer(config, callbacks=[told], progress=False).fit(model, flows())
    trained[optimizer] = {
        "losses": losses,
        "compiled": model.jit_compile,
        "precision": convolution.dtype_policy.name,
    }
# One training that nothing disturbs, and what its folder of checkpoints was at two of its moments:
# a training that is gone on with from there, as after a kill, comes to the same.
from tempfile import TemporaryDirectory
from imgclass.training.interrupts import AnswerInterrupts
from imgclass.training import save_pace
from imgclass.training.checkpoints.folder import CheckpointFolder

save_pace.SHARE = 1.0  # a checkpoint after each epoch, however long it takes to write one

def train(how, checkpoints, moments={}):
    def at(moment):
        def happen(self, batch, logs=None):
            moments.get((moment, self.epoch, batch), lambda: None)()
        return happen
    AnswerInterrupts.on_train_batch_begin = at("before")
    AnswerInterrupts.on_train_batch_end = at("after")
    model = build(dropout=0.5)
    trainer = Trainer(TrainingConfig(epochs=3, optimizer="adam", batch_size=8), progress=False)
    history = getattr(trainer, how)(model, flows(), checkpoints=checkpoints)
    last = checkpoints.newest().arrays
    return (
        [(epoch.loss, epoch.val_loss, epoch.learning_rate) for epoch in history.epochs],
        [weight.tobytes() for weight in model.get_weights()],
        {name: array.tobytes() for name, array in last.items()},
    )

equal = {}
with TemporaryDirectory() as place:
    whole = Path(place) / "undisturbed"
    copy = lambda name: lambda: shutil.copytree(whole, Path(place) / name)
    moments = {("before", 1, 0): copy("epochs"), ("after", 1, 1): copy("batches")}
    undisturbed = train("fit", CheckpointFolder(whole, every=0.0), moments)
    for name, every in (("epochs", 180.0), ("batches", 0.0)):
        checkpoints = CheckpointFolder(Path(place) / name, every=every)
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


# The commands of a process one after the other: what it takes to import a backend is paid once.
COMMANDS = """
import json, sys
from imgclass.cli import main
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as end:
        if end.code:
            raise
"""


def imgclass(place, *commands, backend):
    """Run commands in one process under a backend; return what each says."""
    words = json.dumps([[*map(str, command), "--json"] for command in commands])
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, words],
        cwd=place,
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(text) for text in done.stdout.replace("}\n{", "}\0{").split("\0")]


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_main_job_runs_and_another_backend_predicts_the_same(folder, run_python, backend):
    place = folder.parent
    options = ["--depth", 1, "--width", 8, "--epochs", 3, "--run-dir", "run"]
    [trained] = imgclass(place, ["train", "data", *options], backend=backend)
    assert (trained["status"], trained["test"]["n"]) == ("finished", 8)
    record = json.loads((place / "run" / "run.json").read_text())
    assert record["environment"]["backend"].startswith(f"{backend} ")
    predict = ["predict", "run", next((folder / "val").rglob("*.png"))]
    again, own = imgclass(place, ["evaluate", "run"], predict, backend=backend)
    assert again["val"] == trained["val"]
    by_tensorflow = run_python("-m", "imgclass", *predict, "--json", cwd=place)
    assert by_tensorflow.returncode == 0, by_tensorflow.stderr
    own, other = (
        {answer["class"]: answer["probability"] for answer in said["predictions"][0]["top"]}
        for said in (own, json.loads(by_tensorflow.stdout))
    )
    assert own == pytest.approx(other, abs=1e-5)
