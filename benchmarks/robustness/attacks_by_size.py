"""Model files that are small and ask for much: weights, pixels, calls, depth, digits."""

import json
from pathlib import Path

import keras

from benchmarks.robustness.strange_models import (
    IMAGE,
    SIZE,
    Attack,
    Place,
    Plain,
    as_layer,
    flatten,
    image_input,
    layer,
    model,
    node,
    ordinary,
    tensor,
)

DEPTH = 100_000
DIGITS = 10_000_000
DOUBLINGS = 24


def two_billion_units(place: Place) -> Path:
    """A Dense layer of 2e9 units on every pixel."""
    return place.write(model(ordinary(keras.layers.Dense(2_000_000_000))))


def padding_of_20_000(place: Place) -> Path:
    """A border of 20,000 pixels: 5 GB an image, and no weights."""
    return place.write(model(ordinary(keras.layers.ZeroPadding2D(20_000))))


def enlarging_a_thousand_times_twice(place: Place) -> Path:
    """An image of 8 million pixels squared, in two steps."""
    first = ordinary(keras.layers.UpSampling2D(1000))
    nodes = node(tensor("strange", (None, 8000, 8000, 3)))
    second = layer("UpSampling2D", first["config"] | {"name": "second"}, name="second", nodes=nodes)
    return place.write(model(first, second))


def resizing_to_200_000(place: Place) -> Path:
    """An image of 200,000 pixels squared."""
    return place.write(model(ordinary(keras.layers.Resizing(200_000, 200_000))))


def repeating_a_billion_times(place: Place) -> Path:
    """One vector, a billion times."""
    nodes = node(tensor("flat", (None, 192)))
    return place.write(model(flatten(), ordinary(keras.layers.RepeatVector(10**9), nodes=nodes)))


def repeating_ten_million_times(place: Place) -> Path:
    """The same by a number that alone is not too large."""
    nodes = node(tensor("flat", (None, 192)))
    return place.write(model(flatten(), ordinary(keras.layers.RepeatVector(10**7), nodes=nodes)))


def input_of_100_000(place: Place) -> Path:
    """An image size of 100,000 in the model itself."""
    given = image_input((None, 100_000, 100_000, 3))
    nodes = node(tensor(shape=(None, 100_000, 100_000, 3)))
    pooling = ordinary(keras.layers.GlobalAveragePooling2D(), nodes=nodes)
    return place.write(model(pooling, given=given))


def batch_of_a_billion(place: Place) -> Path:
    """A batch of a billion images, fixed in the model."""
    given = image_input((10**9, 8, 8, 3))
    return place.write(model(flatten(), given=given))


def kernel_of_a_million(place: Place) -> Path:
    """A convolution whose kernel is a million pixels high and wide."""
    return place.write(model(ordinary(keras.layers.Conv2D(1, 10**6, padding="same"))))


def many_filters(place: Place) -> Path:
    """A convolution of four million filters: 450 MB of weights that the file does not hold."""
    return place.write(model(ordinary(keras.layers.Conv2D(4_000_000, 3))))


def many_transposed_filters(place: Place) -> Path:
    """The same, of the layer that enlarges."""
    return place.write(model(ordinary(keras.layers.Conv2DTranspose(4_000_000, 3))))


def many_depthwise_filters(place: Place) -> Path:
    """The same, of the layer that filters each channel."""
    return place.write(model(ordinary(keras.layers.DepthwiseConv2D(3, depth_multiplier=10**6))))


def a_large_stride(place: Place) -> Path:
    """A transposed convolution that makes 80,000 pixels of 8."""
    return place.write(model(ordinary(keras.layers.Conv2DTranspose(1, 3, strides=10_000))))


def growing_step_by_step(place: Place) -> Path:
    """An image that is joined to itself 40 times, which doubles it each time."""
    joining = ordinary(keras.layers.Concatenate())
    layers, before, channels = [], IMAGE, 3
    for number in range(40):
        part = tensor(before, (None, SIZE, SIZE, channels))
        before, channels = f"join_{number}", 2 * channels
        named = {"name": before, "config": joining["config"] | {"name": before}}
        layers.append(joining | named | {"inbound_nodes": node([part, part])})
    return place.write(model(*layers))


def weights_that_many_layers_share(place: Place) -> Path:
    """A Dense layer of 4 GB of weights, which the file holds nothing of, called 1,000 times."""
    nodes = [call for _ in range(1000) for call in node(tensor())]
    return place.write(model(ordinary(keras.layers.Dense(300_000_000), nodes=nodes)))


def embedding_of_a_billion(place: Place) -> Path:
    """A table of a billion rows."""
    return place.write(model(ordinary(keras.layers.Embedding(10**9, 64))))


def numbers_that_are_text(place: Place) -> Path:
    """An array of two million values, of any data type that NumPy has a name for."""
    data = {"class_name": "__numpy__", "config": {"value": [[0.0] * 1000] * 2000, "dtype": "O"}}
    return place.write(model(layer("Rescaling", {"scale": data})))


def negative_units(place: Place) -> Path:
    """Units below zero, so that a sum of sizes stays small."""
    return place.write(model(ordinary(keras.layers.Dense(2), units=-(10**9))))


def units_that_overflow(place: Place) -> Path:
    """So many units that their number wraps around in 64 bits."""
    return place.write(model(ordinary(keras.layers.Dense(2), units=2**62)))


def fractions_of_units(place: Place) -> Path:
    """Units that are no whole number, and none that JSON knows."""
    return place.write(model(ordinary(keras.layers.Dense(2), units=1e300)))


def units_that_are_true(place: Place) -> Path:
    """Units that are a truth value, which Python takes for a number."""
    return place.write(model(ordinary(keras.layers.Dense(2), units=True)))


def a_scale_of_many_numbers(place: Place) -> Path:
    """A factor for each number of an image, which makes a larger one of it."""
    scale = [[[[[1.0]]]] * 1000] * 100
    return place.write(model(ordinary(keras.layers.Rescaling(1.0), scale=scale)))


def calling_twice_what_calls_twice(place: Place) -> Path:
    """A model that calls twice a model that calls twice, and so on: 16 million calls.

    Keras computes the shapes again wherever they are not those that a model was made for.
    """
    return place.write(calling_twice(DOUBLINGS))


def calling_twice(doublings: int) -> Plain:
    """Return a model that calls a layer two to the power of so many times."""
    any_size = (None, None, None, 3)
    relu = ordinary(keras.layers.Activation("relu"), nodes=node(tensor(shape=any_size)))
    inner = model(relu, name="model_0", given=image_input(any_size))
    for number in range(1, doublings + 1):
        shape = any_size if number < doublings else (None, SIZE, SIZE, 3)
        name = inner["config"]["name"]
        nodes = [*node(tensor(shape=shape)), *node(tensor(name, shape))]
        twice = as_layer(inner, nodes=nodes)
        inner = model(twice, name=f"model_{number}", given=image_input(shape))
        inner["config"]["output_layers"] = [[name, 2, 0]]
    return inner


def a_hundred_thousand_layers(place: Place) -> Path:
    """A chain of 100,000 layers, each as harmless as the others."""
    return place.write(_chain(DEPTH))


def ten_thousand_layers(place: Place) -> Path:
    """The same of 10,000, which Keras takes seconds for."""
    return place.write(_chain(10_000))


def a_layer_that_follows_itself(place: Place) -> Path:
    """Two layers, each of which waits for the other."""
    first = layer("Activation", {"activation": "relu"}, name="a", nodes=node(tensor("b")))
    second = layer("Activation", {"activation": "relu"}, name="b", nodes=node(tensor("a")))
    return place.write(model(first, second))


def lists_in_lists(place: Place) -> Path:
    """JSON that is nested 100,000 deep."""
    return place.write(b'{"config": ' + b"[" * DEPTH + b"]" * DEPTH + b"}")


def objects_in_objects(place: Place) -> Path:
    """The same, of objects, in an argument of a layer."""
    text = json.dumps(model(layer("Activation", {"activation": "THERE"})))
    deep = '{"config": ' * DEPTH + "1" + "}" * DEPTH
    return place.write(text.replace('"THERE"', deep).encode())


def wrappers_in_wrappers(place: Place) -> Path:
    """Layers that apply a layer that applies a layer, 400 deep."""
    inner = layer("Activation", {"activation": "relu"}, name="inner")
    for number in range(400):
        inner = layer("TimeDistributed", {"layer": inner}, name=f"wrapper_{number}")
    return place.write(model(inner))


def ten_million_digits(place: Place) -> Path:
    """A whole number of ten million digits."""
    text = json.dumps(model(ordinary(keras.layers.Dense(2), units="THERE")))
    return place.write(text.replace('"THERE"', "9" * DIGITS).encode())


def a_number_that_is_none(place: Place) -> Path:
    """Constants that JSON does not have."""
    return place.write(model(layer("Rescaling", {"scale": float("nan"), "offset": float("inf")})))


def a_name_of_ten_megabytes(place: Place) -> Path:
    """A layer whose name is ten megabytes long, with terminal codes."""
    return place.write(model(layer("Dense" + "\x1b[2J" * 2_000_000, {"units": 2})))


def a_configuration_of_100_megabytes(place: Place) -> Path:
    """A configuration of 100 MB, stored as it is."""
    return place.write(b'{"config": "' + b" " * 100_000_000 + b'"}')


def _chain(length: int) -> Plain:
    """Return a model of so many layers, one after the other."""
    first = ordinary(keras.layers.Activation("relu"))
    layers, before = [], IMAGE
    for number in range(length):
        nodes, before = node(tensor(before)), f"layer_{number}"
        named = {"name": before, "config": first["config"] | {"name": before}}
        layers.append(first | named | {"inbound_nodes": nodes})
    return model(*layers)


BY_SIZE = (
    Attack(two_billion_units, says="strange"),
    Attack(padding_of_20_000, says="strange"),
    Attack(enlarging_a_thousand_times_twice),
    Attack(resizing_to_200_000, says="strange"),
    Attack(repeating_a_billion_times, says="strange"),
    Attack(repeating_ten_million_times, says="strange"),
    Attack(input_of_100_000, says="image"),
    Attack(batch_of_a_billion),
    Attack(kernel_of_a_million, says="strange"),
    Attack(many_filters),
    Attack(many_transposed_filters),
    Attack(many_depthwise_filters),
    Attack(a_large_stride, says="strange"),
    Attack(growing_step_by_step, says="join"),
    Attack(weights_that_many_layers_share, says="strange"),
    Attack(embedding_of_a_billion, says="strange"),
    Attack(numbers_that_are_text),
    Attack(negative_units, says="strange"),
    Attack(units_that_overflow, says="strange"),
    Attack(fractions_of_units, says="strange"),
    Attack(units_that_are_true, says="strange"),
    Attack(a_scale_of_many_numbers, says="strange"),
    Attack(calling_twice_what_calls_twice),
    Attack(a_hundred_thousand_layers),
    Attack(ten_thousand_layers),
    Attack(a_layer_that_follows_itself),
    Attack(lists_in_lists),
    Attack(objects_in_objects),
    Attack(wrappers_in_wrappers),
    Attack(ten_million_digits),
    Attack(a_number_that_is_none),
    Attack(a_name_of_ten_megabytes),
    Attack(a_configuration_of_100_megabytes),
)
