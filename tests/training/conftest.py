import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from imgclass.flows.flow import Flows


@pytest.fixture(scope="session")
def make_flows():
    """Flows over images whose class is their brightness, in memory."""
    import keras

    class Memory(keras.utils.PyDataset):
        def __init__(self, n, batch_size=8):
            super().__init__()
            rng = np.random.default_rng(n)
            self.labels = np.arange(n) % 2
            noise = rng.integers(0, 60, (n, 8, 8, 3))
            self.images = (noise + 150 * self.labels[:, None, None, None]).astype("float32")
            self.paths = tuple(
                Path(f"data/train/{label}/{i}.png") for i, label in enumerate(self.labels)
            )
            self.batch_size, self._started = batch_size, []

        def __len__(self):
            return math.ceil(len(self.labels) / self.batch_size)

        def __getitem__(self, index):
            part = slice(index * self.batch_size, (index + 1) * self.batch_size)
            return self.images[part], np.eye(2, dtype="float32")[self.labels[part]]

        def start_epoch(self, epoch):
            self._started.append(epoch)

        @property
        def started(self):
            """The epochs that were started, without the first start, which describes the flow."""
            assert self._started[:1] in ([], [0])
            return self._started[1:]

    def make(train=32, val=16):
        augmented, clean, held_out = Memory(train), Memory(train), Memory(val)
        return Flows(augmented, clean, held_out, None, ("dark", "light"), (8, 8), Path("data"))

    return make


@pytest.fixture
def make_model():
    from imgclass import ModelSpec, architectures
    from imgclass.training.hardware import building

    def make(num_classes=2, size=(8, 8), seed=0, **knobs):
        with building(precision="float32", seed=seed):
            spec = ModelSpec(image_size=size, depth=1, width=4, **knobs)
            return architectures["cnn"](spec, num_classes)

    return make


@pytest.fixture
def make_deep():
    """A model of two stages, with a head of its own: it can be trained in two phases."""
    from imgclass import ModelSpec, architectures
    from imgclass.training.hardware import building

    def make(seed=0, **knobs):
        with building(precision="float32", seed=seed):
            spec = ModelSpec(image_size=(8, 8), depth=2, width=4, head_units=(4,), **knobs)
            return architectures["cnn"](spec, 2)

    return make


@pytest.fixture
def terminal_less():
    """A console that writes plain lines into `.text()`."""
    import io

    from rich.console import Console

    file = io.StringIO()
    return SimpleNamespace(console=Console(file=file, width=100), text=file.getvalue)
