import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgclass.data.manifest import Manifest, Sample
from imgclass.diagnosis import Diagnoser, Evidence
from imgclass.evaluation import Evaluation, Score, prediction_table
from imgclass.experiment import Experiment
from imgclass.models.spec import ModelSpec
from imgclass.run import Run
from imgclass.run.directory import RunDirectory
from imgclass.run.record import RunRecord
from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch, History

# What makes a short program long; none of them computes anything when it is imported.
IMPORTED = (
    "imgclass.cli",
    "imgclass.execution",
    "imgclass.models.builder",
    "imgclass.models.plain",
    "imgclass.serving.classifier",
    "imgclass.training.trainer",
)


@pytest.fixture(autouse=True)
def _interruptible():
    """Let Ctrl-C work in tests also where the checks run in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def small_run(made_run, tmp_path) -> Run:
    """A run of high variance over two awkwardly named classes, without a model."""
    return replace(made_run, path=tmp_path / "run")


@pytest.fixture(scope="session")
def made_run() -> Run:
    """The run of `small_run`, made once."""
    names = ("01", "NA")
    train = Score(names, ((990, 10), (10, 990)), 0.05)
    val = Score(names, ((160, 40), (40, 160)), 0.6)
    rows = [
        (f"{split}/{label}/{i}-{guess}.png", split, label, guess)
        for split, score in (("train", train), ("val", val), ("test", val))
        for label, counts in zip(names, score.confusion, strict=True)
        for guess, n in zip(names, counts, strict=True)
        for i in range(n)
    ]
    samples = tuple(
        Sample(path, label, split, f"{i:064x}", 8, 8, f"{i}.png")
        for i, (path, split, label, _) in enumerate(rows)
    )
    of_label = [0.75 if label == guess else 0.25 for *_, label, guess in rows]
    predictions = prediction_table(*zip(*rows, strict=True), [0.75] * len(rows), of_label)
    experiment = Experiment(
        "cnn",
        spec=ModelSpec(image_size=(8, 8), depth=2, width=8),
        training=TrainingConfig(epochs=1, optimizer="sgd", batch_size=32, learning_rate=0.1),
    )
    epoch = Epoch(0.1, 0.98, 0.6, 0.8, 0.0, 1.5, objective=0.2, val_objective=0.7)
    history = History((epoch,), 0, stopped_early=False, seconds=2.0)
    return Run(
        path=Path("run"),
        record=RunRecord(
            format=2,
            id="5e1f",
            status="finished",
            stage="done",
            data=str(Path("data").absolute()),
            class_names=names,
            started="2026-11-27T10:00:00+00:00",
            environment={"keras": "3.15.1", "processor": "two cores"},
            best_epoch=0,
            seconds=2.0,
        ),
        experiment=experiment,
        manifest=Manifest(names, samples),
        history=history,
        kept_evaluation=Evaluation(
            train,
            val,
            replace(val, loss=0.7),
            predictions,
            {split: np.full((n, 2), 0.5, np.float32) for split, n in (("val", 400), ("test", 400))},
        ),
        kept_diagnosis=Diagnoser().diagnose(Evidence(experiment, history, train, val)),
    )


@pytest.fixture(scope="session")
def keep_run():
    """Write the directory of a run that was put together by hand; its model is no model."""

    def keep(run: Run) -> Path:
        run.path.mkdir()
        directory = RunDirectory(run.path, run.record)
        directory.update()
        directory.keep_experiment(run.experiment, run.manifest)
        for epoch in run.history.epochs:
            directory.keep_epoch(epoch)
        if run.kept_evaluation is not None:
            directory.keep_evaluation(run.kept_evaluation)
        if run.kept_diagnosis is not None:
            directory.keep_diagnosis(run.kept_diagnosis)
        (run.path / "model.keras").write_bytes(b"no model")
        return run.path

    return keep


@pytest.fixture(scope="session")
def quick_trainings(loading_here):
    """A context without the process that loads a model, the trial on a small sample, heat maps.

    The trial follows a training that taught nothing. All three have tests of their own.
    """

    @contextmanager
    def quick():
        with loading_here(), pytest.MonkeyPatch.context() as patch:
            patch.setattr("imgclass.execution.experiments.try_small_sample", lambda *_, **__: None)
            patch.setattr("imgclass.execution.mistake_maps._maps", lambda *_: ())
            yield

    return quick


@pytest.fixture
def no_other_process(quick_trainings):
    """Spare a test all three."""
    with quick_trainings():
        yield


@pytest.fixture(scope="module")
def quick_module(quick_trainings):
    """Spare a module all three, its fixtures too."""
    with quick_trainings():
        yield


class Program:
    """A Python program in a process of its own; what `subprocess.Popen` gives, as far as needed."""

    def __init__(self, pid, folder):
        self.pid, self.folder, self.returncode = pid, folder, None

    def poll(self):
        if self.returncode is None and (self.folder / "code").exists():
            self.returncode = int((self.folder / "code").read_text())
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def communicate(self, timeout=600):
        """Wait for its end; return what it printed, and what it printed as errors."""
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > deadline:
                self.send_signal(signal.SIGKILL)
                raise subprocess.TimeoutExpired(str(self.folder), timeout)
            time.sleep(0.01)
        return tuple((self.folder / name).read_text() for name in ("stdout", "stderr"))


@pytest.fixture(scope="session")
def start_python(tmp_path_factory):
    """Start `python WORDS` in a process of its own that has Keras already: it is imported once.

    Its trainings leave out what `no_other_process` leaves out, unless they are to be done wholly.
    """
    servers = []

    def start(*words, cwd, wholly=False, **environment):
        if not servers:
            command = [sys.executable, Path(__file__).with_name("keras_server.py"), *IMPORTED]
            servers.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
                    text=True,
                )
            )
        [server] = servers
        folder = tmp_path_factory.mktemp("program")
        job = {
            "words": [str(word) for word in words],
            "cwd": str(cwd),
            "environment": os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"} | environment,
            "folder": str(folder),
            "wholly": wholly,
        }
        server.stdin.write(json.dumps(job) + "\n")
        server.stdin.flush()
        return Program(int(server.stdout.readline()), folder)

    yield start
    for server in servers:
        server.stdin.close()
        server.stdout.close()
        server.wait()


@pytest.fixture(scope="session")
def run_python(start_python):
    """Do the same, and wait for its end."""

    def run(*words, **options):
        program = start_python(*words, **options)
        out, err = program.communicate()
        return subprocess.CompletedProcess(words, program.returncode, out, err)

    return run


@pytest.fixture
def folder(tmp_path):
    """A class-directory tree of two classes told apart by brightness, made by hand."""
    rng = np.random.default_rng(0)
    for split, n in (("train", 24), ("val", 8), ("test", 8)):
        for i in range(n):
            path = tmp_path / "data" / split / ("dark", "light")[i % 2] / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 60, (8, 8, 3)) + 150 * (i % 2)
            Image.fromarray(pixels.astype("uint8")).save(path)
    return tmp_path / "data"
