"""An architecture of your own, registered in a script or a notebook.

    python examples/custom_architecture.py

It lives as long as the process. To offer it to every program, make it a package: see `plugin/`.
"""

import sys
from pathlib import Path

import keras
from keras import layers

from imgclass import (
    DatasetOrganizer,
    Experiment,
    ModelSpec,
    TrainingConfig,
    architectures,
    run_experiment,
)
from imgclass.data.digits import write_digits
from imgclass.flows import PRESETS

out = Path(sys.argv[1] if len(sys.argv) > 1 else "custom_architecture")
epochs = int(sys.argv[2]) if sys.argv[2:] else 8


@architectures.register("perceptron")
def perceptron(spec: ModelSpec, num_classes: int) -> keras.Model:
    """Dense layers on raw pixels: preprocessing is a layer, and the knobs are the spec's."""
    inputs = layers.Input(spec.input_shape())
    features = layers.Flatten()(layers.Rescaling(1 / 255)(inputs))
    l2 = keras.regularizers.L2(spec.l2)
    for _ in range(spec.depth or 2):
        dense = layers.Dense(spec.width or 64, activation="relu", kernel_regularizer=l2)
        features = dense(features)
    features = layers.Dropout(spec.dropout)(features)
    # float32 under every precision, as an architecture promises.
    probabilities = layers.Dense(num_classes, activation="softmax", dtype="float32")
    return keras.Model(inputs, probabilities(features))


labels, images = write_digits(out / "source")
folder = DatasetOrganizer(val=0.15, test=0.15).organize(labels, images, out / "data")
experiment = Experiment(
    architecture="perceptron",
    spec=ModelSpec(depth=2, width=128, dropout=0.1),
    training=TrainingConfig(epochs=epochs, learning_rate=3e-3),
    augmentation=PRESETS["none"],
)
run = run_experiment(folder, experiment, run_dir=out / "run")
print(f"test accuracy {run.evaluation.test.accuracy:.3f}")
