"""Model files that are small and ask for much: weights, pixels, calls, depth, digits."""

import json
from pathlib import Path

from benchmarks.robustness.strange_models import (
    Attack,
    Place,
    Plain,
    as_layer,
    flatten,
    image_input,
    layer,
    model,
    node,
    tensor,
)

DEPTH = 100_000
DIGITS = 10_000_000
DOUBLINGS = 24


def two_billion_units(place: Place) -> Path:
    """A Dense layer of 2e9 units on every pixel."""
    return place.write(model(layer("Dense", {"units": 2_000_000_000})))


def padding_of_20_000(place: Place) -> Path:
    """A border of 20,000 pixels: 5 GB an image, and no weights."""
    border = [[20_000, 20_000], [20_000, 20_000]]
    return place.write(model(layer("ZeroPadding2D", {"padding": border})))


def enlarging_a_thousand_times_twice(place: Place) -> Path:
    """An image of 8 million pixels squared, in two steps."""
    first = layer("UpSampling2D", {"size": [1000, 1000]}, name="first")
    nodes = node(tensor("first", (None, 8000, 8000, 3)))
    return place.write(model(first, layer("UpSampling2D", {"size": [1000, 1000]}, nodes=nodes)))


def resizing_to_200_000(place: Place) -> Path:
    """An image of 200,000 pixels squared."""
    return place.write(model(layer("Resizing", {"height": 200_000, "width": 200_000})))


def repeating_a_billion_times(place: Place) -> Path:
    """One vector, a billion times."""
    nodes = node(tensor("flat", (None, 192)))
    return place.write(model(flatten(), layer("RepeatVector", {"n": 10**9}, nodes=nodes)))


def input_of_100_000(place: Place) -> Path:
    """An image size of 100,000 in the model itself."""
    given = image_input((None, 100_000, 100_000, 3))
    nodes = node(tensor(shape=(None, 100_000, 100_000, 3)))
    flat = layer("GlobalAveragePooling2D", name="flat", nodes=nodes)
    return place.write(model(flat, given=given))


def batch_of_a_billion(place: Place) -> Path:
    """A batch of a billion images, fixed in the model."""
    given = image_input((10**9, 8, 8, 3))
    return place.write(model(flatten(), given=given))


def kernel_of_a_million(place: Place) -> Path:
    """A convolution whose kernel is a million pixels high and wide."""
    config = {"filters": 1, "kernel_size": [10**6, 10**6], "padding": "same"}
    return place.write(model(layer("Conv2D", config)))


def orthogonal_weights(place: Place) -> Path:
    """Weights of a few megabytes that take minutes to make up: they are overwritten afterwards."""
    orthogonal: Plain = {"module": "keras.initializers", "class_name": "Orthogonal", "config": {}}
    config = {"units": 20_000, "kernel_initializer": orthogonal}
    return place.write(model(layer("Dense", config)))


def embedding_of_a_billion(place: Place) -> Path:
    """A table of a billion rows."""
    config = {"input_dim": 10**9, "output_dim": 64}
    return place.write(model(layer("Embedding", config)))


def numbers_that_are_text(place: Place) -> Path:
    """An array of two million values, of any data type that NumPy has a name for."""
    data = {"class_name": "__numpy__", "config": {"value": [[0.0] * 1000] * 2000, "dtype": "O"}}
    return place.write(model(layer("Rescaling", {"scale": data})))


def negative_units(place: Place) -> Path:
    """Units below zero, so that a sum of sizes stays small."""
    return place.write(model(layer("Dense", {"units": -(10**9)})))


def units_that_overflow(place: Place) -> Path:
    """So many units that their number wraps around in 64 bits."""
    return place.write(model(layer("Dense", {"units": 2**62})))


def fractions_of_units(place: Place) -> Path:
    """Units that are no whole number, and infinite."""
    return place.write(model(layer("Dense", {"units": float("inf")})))


def calling_twice_what_calls_twice(place: Place) -> Path:
    """A model that calls twice a model that calls twice, and so on: 16 million calls."""
    inner = model(layer("Activation", {"activation": "relu"}), name="model_0")
    for number in range(1, DOUBLINGS + 1):
        name = inner["config"]["name"]
        nodes = [*node(tensor()), *node(tensor(name))]
        inner = model(as_layer(inner, nodes=nodes), name=f"model_{number}")
        inner["config"]["output_layers"] = [[name, 1, 0]]
    return place.write(inner)


def a_hundred_thousand_layers(place: Place) -> Path:
    """A chain of 100,000 layers, each as harmless as the others."""
    layers = [layer("Activation", {"activation": "relu"}, name="layer_0")]
    for number in range(1, DEPTH):
        nodes = node(tensor(f"layer_{number - 1}"))
        layers.append(
            layer("Activation", {"activation": "relu"}, name=f"layer_{number}", nodes=nodes)
        )
    return place.write(model(*layers))


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
    text = json.dumps(model(layer("Dense", {"units": "THERE"})))
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


BY_SIZE = (
    Attack(two_billion_units, says="strange"),
    Attack(padding_of_20_000, says="strange"),
    Attack(enlarging_a_thousand_times_twice),
    Attack(resizing_to_200_000, says="strange"),
    Attack(repeating_a_billion_times),
    Attack(input_of_100_000),
    Attack(batch_of_a_billion),
    Attack(kernel_of_a_million, says="strange"),
    Attack(orthogonal_weights, says="strange"),
    Attack(embedding_of_a_billion, says="strange"),
    Attack(numbers_that_are_text),
    Attack(negative_units, says="strange"),
    Attack(units_that_overflow, says="strange"),
    Attack(fractions_of_units),
    Attack(calling_twice_what_calls_twice),
    Attack(a_hundred_thousand_layers),
    Attack(a_layer_that_follows_itself),
    Attack(lists_in_lists),
    Attack(objects_in_objects),
    Attack(wrappers_in_wrappers),
    Attack(ten_million_digits),
    Attack(a_number_that_is_none),
    Attack(a_name_of_ten_megabytes),
    Attack(a_configuration_of_100_megabytes),
)
