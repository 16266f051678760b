from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def make_flows():
    """Flows over 24 small images to train on and 10 to score, in two classes."""
    from imgclass.flows.cached import CachedFlow
    from imgclass.flows.flow import Flows

    def flow(n, **options):
        rng, labels = np.random.default_rng(n), (np.arange(n) % 3 == 0).astype(int)
        images = (rng.integers(0, 90, (n, 8, 8, 3)) + 90 * labels[:, None, None, None]).astype("u1")
        paths = [Path(f"data/{n}/{i}.png") for i in range(n)]
        return CachedFlow(images, labels, paths=paths, num_classes=2, batch_size=8, **options)

    def make(augmentation=None, **options):
        from imgclass.flows import Augmentation

        fit = flow(24, augmentation=augmentation or Augmentation(), seed=3, **options)
        root = Path("data")
        return Flows(fit, flow(24), flow(10), flow(12), ("dark", "light"), (8, 8), root)

    return make


@pytest.fixture
def make_model():
    """A small network with a residual sum; the layers up to `frozen` do not learn."""
    import keras
    from keras import layers

    from imgclass.training.hardware import building

    def make(frozen="sum", *, dropout=0.0):
        with building(precision="float32", seed=0):
            return build(frozen, dropout)

    def build(frozen, dropout):
        image = layers.Input((8, 8, 3), name="image")
        scaled = layers.Rescaling(1 / 255, name="preprocess")(keras.ops.flip(image, axis=-1))
        first = layers.Conv2D(4, 3, padding="same", name="first")(scaled)
        second = layers.Conv2D(4, 3, padding="same", name="second")(first)
        normal = layers.BatchNormalization(name="norm")(second)
        total = layers.Add(name="sum")([first, normal])
        third = layers.Conv2D(4, 3, activation="relu", name="third")(total)
        vector = layers.GlobalAveragePooling2D(name="pool")(third)
        if dropout:
            vector = layers.Dropout(dropout, name="dropout")(vector)
        probabilities = layers.Dense(2, activation="softmax", name="logits")(vector)
        model = keras.Model(image, probabilities)
        names = [layer.name for layer in model.layers]
        for layer in model.layers[: names.index(frozen) + 1 if frozen else 0]:
            layer.trainable = False
        return model

    return make
