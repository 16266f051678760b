"""Your own ImageDataGenerator, where you have one already.

    python examples/own_generator.py

A generator is taken wherever an Augmentation is. What it changes at random is used for training
only; the clean passes that accuracies come from keep its standardization alone.
"""

import sys
from pathlib import Path

from keras._tf_keras.keras.preprocessing.image import ImageDataGenerator

from imgclass import (
    DatasetOrganizer,
    ModelSpec,
    Trainer,
    TrainingConfig,
    architectures,
    evaluate,
    open_flows,
)
from imgclass.data.digits import write_digits

out = Path(sys.argv[1] if len(sys.argv) > 1 else "own_generator")
epochs = int(sys.argv[2]) if sys.argv[2:] else 8

labels, images = write_digits(out / "source")
folder = DatasetOrganizer(val=0.15, test=0.15).organize(labels, images, out / "data")

# No rescale and no preprocessing_function: imgclass's architectures take raw 0-255.
generator = ImageDataGenerator(rotation_range=10, zoom_range=0.1, fill_mode="constant")
flows = open_flows(folder, batch_size=32, augmentation=generator)

model = architectures["cnn"](ModelSpec(image_size=flows.image_size), len(flows.class_names))
recipe = TrainingConfig(epochs=epochs, optimizer=architectures.info("cnn").optimizer)
history = Trainer(recipe).fit(model, flows)
evaluation = evaluate(model, flows)

print(f"best epoch {history.best_epoch + 1}, val accuracy {history.best.val_accuracy:.3f}")
print(f"train {evaluation.train.accuracy:.3f}, test {evaluation.test.accuracy:.3f}")
