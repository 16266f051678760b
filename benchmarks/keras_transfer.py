"""Transfer learning in plain Keras, as its own guide does it: accuracy against seconds.

    python benchmarks/keras_transfer.py FOLDER [--until 0.9] [--seconds 300] [--fine-tune]

FOLDER has `train/`, `val/` and perhaps `test/`, with a folder for each class. The script follows
https://keras.io/guides/transfer_learning: `image_dataset_from_directory` in batches of 32, a frozen
backbone, global average pooling, dropout of 0.2, one dense layer, Adam, `fit`; flips and small
rotations; the images cached in memory. With --fine-tune, the whole network is then trained at 1e-5.
`--recipe notebook` instead trains VGG16 as the notebook did that imgclass grew out of.

The backbone has the weights that `imgclass train` takes, and its layers. After each epoch one line
of JSON is printed: seconds since the process began, and the accuracy on val; in the end that on
test. The script is measured at its best: Keras's XLA compilation, which is slower on a processor,
is off (--compile has it on).
"""

import argparse
import json
import time

BEGAN = time.perf_counter()

from dataclasses import dataclass, replace  # noqa: E402 - the imports count, too
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import keras  # noqa: E402
from keras import layers  # noqa: E402

AUTOTUNE = -1  # tf.data.AUTOTUNE
FINE_TUNING_RATE = 1e-5  # the guide's
FOREVER = 10_000  # epochs


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is trained, and how.

    Attributes:
        architecture: A name that `imgclass architectures` lists.
        side: Height and width of the images, in pixels.
        units: Of each dense layer before the classifier.
        augment: Whether images are flipped and rotated.
        frozen: Whether the backbone is frozen at first.
    """

    architecture: str
    side: int
    batch_size: int
    pooling: Any
    units: tuple[int, ...] = ()
    dropout: float = 0.0
    augment: bool = False
    frozen: bool = True


RECIPES = {
    "guide": Recipe(
        "efficientnet_lite0", 224, 32, layers.GlobalAveragePooling2D, dropout=0.2, augment=True
    ),
    # Its third experiment, which scored best.
    "notebook": Recipe(
        "vgg16", 32, 256, layers.GlobalMaxPooling2D, (1024, 512, 256, 128, 64), frozen=False
    ),
}


class Clock(keras.callbacks.Callback):
    """Prints the accuracy after each epoch, and stops at an accuracy or a time."""

    def __init__(self, until: float, seconds: float) -> None:
        """Stop at the accuracy `until` on val, or after `seconds`."""
        super().__init__()
        self.until, self.seconds = until, seconds
        self.phase, self.is_over = "frozen", False

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop within an epoch when time is over."""
        del batch, logs
        if elapsed() > self.seconds:
            self.model.stop_training = self.is_over = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Print a line, and stop when the accuracy is reached."""
        accuracy = float(logs["val_accuracy"])
        tell(phase=self.phase, epoch=epoch + 1, val_accuracy=round(accuracy, 5))
        if accuracy >= self.until:
            self.model.stop_training = self.is_over = True


def main() -> None:
    """Read the options, train, and print the lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recipe", choices=RECIPES, default="guide")
    parser.add_argument("--architecture", help="a backbone; the recipe's by default")
    parser.add_argument("--weights", default="imagenet", help="imagenet, random, or a weights file")
    parser.add_argument("--image-size", type=int, help="in pixels; the recipe's by default")
    parser.add_argument("--epochs", type=int, default=FOREVER, help="at most, of each phase")
    parser.add_argument("--until", type=float, default=2.0, help="stop at this accuracy on val")
    parser.add_argument("--seconds", type=float, default=300.0, help="stop after this time")
    parser.add_argument("--fine-tune", action="store_true", help="then train the whole network")
    parser.add_argument("--head-epochs", type=int, default=2, help="before it; the guide's are 2")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compile", action="store_true", help="with XLA, as Keras does by itself")
    options = parser.parse_args()
    recipe = RECIPES[options.recipe]
    recipe = replace(
        recipe,
        architecture=options.architecture or recipe.architecture,
        side=options.image_size or recipe.side,
    )
    train(recipe, options)


def train(recipe: Recipe, options: argparse.Namespace) -> None:
    """Train in one phase or two, and print the accuracies."""
    keras.utils.set_random_seed(options.seed)
    data = {
        split: read(options.folder / split, recipe, shuffle=split == "train", seed=options.seed)
        for split in ("train", "val", "test")
        if (options.folder / split).is_dir()
    }
    class_names = data["train"].class_names
    base = backbone(recipe, options.weights)
    base.trainable = not recipe.frozen
    model = with_head(base, recipe, len(class_names))
    clock = Clock(options.until, options.seconds)
    clock.phase = "frozen" if recipe.frozen else "whole"
    fit_data = prepared(data["train"], recipe)
    val = data["val"].cache().prefetch(AUTOTUNE)

    def fit(rate: float, epochs: int) -> None:
        model.compile(
            keras.optimizers.Adam(rate),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile="auto" if options.compile else False,
        )
        model.fit(fit_data, epochs=epochs, validation_data=val, callbacks=[clock], verbose=0)

    fit(1e-3, options.head_epochs if options.fine_tune else options.epochs)
    if options.fine_tune and not clock.is_over:
        base.trainable, clock.phase = True, "fine-tuning"
        fit(FINE_TUNING_RATE, options.epochs)
    if "test" in data:
        loss, accuracy = model.evaluate(data["test"], verbose=0)
        tell(test_accuracy=round(accuracy, 5), test_loss=round(loss, 5))


def read(folder: Path, recipe: Recipe, *, shuffle: bool, seed: int) -> Any:
    """Return Keras's data set of a folder."""
    return keras.utils.image_dataset_from_directory(
        folder,
        image_size=(recipe.side, recipe.side),
        batch_size=recipe.batch_size,
        shuffle=shuffle,
        seed=seed,
        verbose=False,
    )


def prepared(data: Any, recipe: Recipe) -> Any:
    """Return the training images, cached, changed at random, and made ready beside the training."""
    data = data.cache()
    if recipe.augment:
        changes = [layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)]

        def change(images: Any, labels: Any) -> tuple[Any, Any]:
            for layer in changes:
                images = layer(images)
            return images, labels

        data = data.map(change, num_parallel_calls=AUTOTUNE)
    return data.prefetch(AUTOTUNE)


def backbone(recipe: Recipe, weights: str) -> keras.Model:
    """Return the network without its head, from raw images to feature maps."""
    from imgclass.models import ModelSpec, architectures

    spec = ModelSpec(
        image_size=(recipe.side, recipe.side), weights=None if weights == "random" else weights
    )
    model = architectures[recipe.architecture](spec, 2)
    return keras.Model(model.input, model.get_layer("pool").input)


def with_head(base: keras.Model, recipe: Recipe, num_classes: int) -> keras.Model:
    """Return the backbone, in inference mode as the guide has it, under a new head."""
    inputs = keras.Input((recipe.side, recipe.side, 3))
    features = recipe.pooling()(base(inputs, training=False))
    for units in recipe.units:
        features = layers.Dense(units, activation="relu")(features)
    if recipe.dropout:
        features = layers.Dropout(recipe.dropout)(features)
    return keras.Model(inputs, layers.Dense(num_classes)(features))


def tell(**facts: Any) -> None:
    """Print one line of JSON, with the seconds since the process began."""
    print(json.dumps({"seconds": round(elapsed(), 3)} | facts), flush=True)


def elapsed() -> float:
    """Return the seconds since the process began to import."""
    return time.perf_counter() - BEGAN


if __name__ == "__main__":
    main()
