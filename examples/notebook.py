# %% [markdown]
"""The public API in one notebook: run it cell by cell, or as a script.

    python examples/notebook.py

Everything is put into a new folder, `notebook` if you give no other.
"""

# %% Your data: a CSV of ids and labels and a folder of images, here 1,797 digits of 8 x 8 pixels
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from PIL import Image

import imgclass
from imgclass.data.digits import write_digits
from imgclass.flows import PRESETS

out = Path(sys.argv[1] if len(sys.argv) > 1 else "notebook")
epochs = int(sys.argv[2]) if sys.argv[2:] else 8
labels, images = write_digits(out / "source")

# %% Organize: train/, val/ and test/ with a folder for each class, split by a seed
folder = imgclass.DatasetOrganizer(val=0.15, test=0.15).organize(labels, images, out / "data")
print(folder)

# %% Architectures: a mapping of names; add your own
print(list(imgclass.architectures))


@imgclass.architectures.register("mine")
def mine(spec: imgclass.ModelSpec, num_classes: int) -> keras.Model:
    """One dense layer on raw pixels; preprocessing is a layer of the model."""
    image = keras.layers.Input(spec.input_shape())
    features = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(image))
    features = keras.layers.Dense(spec.width or 64, activation="relu")(features)
    features = keras.layers.Dropout(spec.dropout)(features)
    # float32 under every precision, as an architecture promises
    probabilities = keras.layers.Dense(num_classes, activation="softmax", dtype="float32")
    return keras.Model(image, probabilities(features))


# %% Train: an experiment goes in, a run comes out, and everything is kept in its directory
experiment = imgclass.Experiment(
    spec=imgclass.ModelSpec(depth=2, width=16),
    training=imgclass.TrainingConfig(epochs=epochs),
    augmentation=PRESETS["none"],  # digits must not be mirrored, which is the default
)
run = imgclass.run_experiment(folder, experiment, run_dir=out / "runs" / "cnn")
other = imgclass.run_experiment(
    folder, replace(experiment, architecture="mine"), run_dir=out / "runs" / "mine"
)
print(run)

# %% What happened, epoch by epoch
print(run.history.to_frame())
run.history.plot().figure.savefig(out / "history.png")

# %% What came out: a row for each split, a row for each class, and who was taken for whom
print(run.evaluation.to_frame())
print(run.evaluation.val.to_frame())
run.evaluation.plot_confusion().figure.savefig(out / "confusion.png")

# %% What it means, and what to try next: of a run, or of accuracies that you have from anywhere
print(imgclass.diagnose(run))
print(imgclass.diagnose(train=0.948, val=0.806, n_val=2500))

# %% Is the other run better? McNemar's test on the same val images
print(imgclass.compare(run, other))
print(imgclass.runs(out / "runs").to_frame())

# %% Predict: files, folders, PIL images, arrays, and tables or data sets of them
file = images / "1.png"
pixels = np.asarray(Image.open(file))
for given in (file, Image.open(file), pixels, pixels / 255):
    print(run.predict(given))
print(run.predict(images, top=2).to_frame().head())

# %% The report: one HTML file to send to someone
print(imgclass.write_report(run))
