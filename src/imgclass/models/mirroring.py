"""Test-time augmentation: a model that looks at each image and at its mirror image."""

import keras
from keras import layers, ops


def average_mirrored(model: keras.Model) -> keras.Model:
    """Return a model that gives the mean of what `model` gives an image and its mirror image.

    It shares the weights of `model`. Source: Krizhevsky, Sutskever and Hinton, *ImageNet
    Classification with Deep Convolutional Neural Networks*, 2012, average over crops and their
    mirror images.

    Args:
        model: From images `(batch, height, width, channels)` to probabilities.

    Example:
        >>> from imgclass.models import ModelSpec, architectures
        >>> model = architectures.get("cnn")(ModelSpec(image_size=(8, 8), depth=1, width=8), 10)
        >>> average_mirrored(model).output_shape
        (None, 10)
    """
    images = layers.Input(model.input_shape[1:], name="image")
    both = [model(images), model(ops.flip(images, axis=2))]
    mean = layers.Average(dtype="float32", name="probabilities")(both)
    return keras.Model(images, mean)
