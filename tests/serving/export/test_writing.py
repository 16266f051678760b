"""Exported files against the models that they were made from, and the page that shows their use."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgclass.execution.exporting import export
from imgclass.models.spec import ModelSpec
from imgclass.serving.export import noise_images
from imgclass.serving.export.parity import ask_other_process, compare, expected_probabilities
from imgclass.serving.export.writing import write_model

pytestmark = [pytest.mark.keras, pytest.mark.thorough]

PAGE = Path(__file__).parents[3] / "docs" / "export.md"
EXPORTS = {
    "savedmodel": ("savedmodel", "float32"),
    "onnx": ("onnx", "float32"),
    "litert": ("litert", "float32"),
    "litert-float16": ("litert", "float16"),
    "litert-int8": ("litert", "int8"),
}


@pytest.fixture(scope="module")
def colour_run(made_run, keep_run, write_colours, tmp_path_factory):
    """A run whose model was given its weights: the class is the channel with the largest mean."""
    import keras

    from imgclass.entry_points import Origin
    from imgclass.io.fs import FileSystem
    from imgclass.models.model_file import describe_model, save_model

    folder = tmp_path_factory.mktemp("colours")
    manifest = write_colours(folder / "data")
    image = keras.Input((32, 32, 3), name="image")
    means = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 16)(image))
    logits = keras.layers.Dense(3, name="logits")(means)
    model = keras.Model(image, keras.layers.Activation("softmax")(logits))
    model.get_layer("logits").set_weights([np.eye(3)[::-1], np.zeros(3)])
    spec = replace(made_run.experiment.spec, image_size=(32, 32))
    run = replace(
        made_run,
        path=folder / "run",
        record=replace(
            made_run.record, data=str(folder / "data"), class_names=manifest.class_names
        ),
        manifest=manifest,
        experiment=replace(made_run.experiment, spec=spec, resize="crop"),
        kept_evaluation=None,
        kept_diagnosis=None,
    )
    keep_run(run)
    metadata = describe_model(
        model,
        class_names=manifest.class_names,
        image_size=(32, 32),
        resize="crop",
        tta=False,
        architecture="cnn",
        origin=Origin("imgclass-keras", "0", "imgclass.models.cnn:cnn"),
    )
    save_model(model, run.path / "model.keras", metadata, files=FileSystem())
    return run


@pytest.fixture(scope="module")
def exported(colour_run):
    """The run in each format."""
    return {
        name: export(colour_run, to=to, precision=precision)
        for name, (to, precision) in EXPORTS.items()
    }


@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_predicts_what_the_run_predicts_on_its_val_images(exported, colour_run, name):
    found = exported[name]
    assert found.path.parent == colour_run.path / "export" / name
    assert (found.parity.images, found.parity.are_real) == (12, True)
    assert (found.agreement, found.parity.accuracy, found.parity.run_accuracy) == (1.0, 1.0, 1.0)
    if found.precision == "float32":
        assert found.largest_difference < 1e-5


def test_an_int8_file_takes_the_bytes_of_an_image_as_they_are(exported):
    signature = json.loads((exported["litert-int8"].path.parent / "signature.json").read_text())
    taken, given = signature["input"], signature["output"]
    assert (taken["dtype"], taken["scale"], taken["zero_point"]) == ("uint8", 1.0, 0)
    assert (given["dtype"], given["scale"], given["zero_point"]) == ("uint8", 1 / 256, 0)


def code_of_the_page():
    """Return the code for each folder that the page names, each with the lines for the image."""
    text = PAGE.read_text(encoding="utf-8").partition("## Five lines")[2].partition("\n## ")[0]
    image, *uses = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return {re.search(r'"([\w-]+)/', use)[1]: image + use for use in uses}


@pytest.mark.parametrize("name", code_of_the_page())
def test_the_lines_of_the_page_use_a_file_without_imgclass(exported, name):
    folder = exported[name].path.parents[1]
    pixels = np.full((50, 40, 3), 60, np.uint8)
    pixels[..., 1] = 140
    Image.fromarray(pixels).save(folder / "photo.jpg")
    code = f"{code_of_the_page()[name]}\nimport sys\nassert 'imgclass' not in sys.modules\n"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "green\n"), done.stderr[-2000:]


@pytest.mark.parametrize(("architecture", "to"), [("cnn", "litert"), ("mobilenetv2", "onnx")])
def test_an_architecture_keeps_its_probabilities(architecture, to, tmp_path):
    from imgclass.models import architectures

    model = architectures[architecture](ModelSpec(image_size=(32, 32)), 5)
    images = noise_images((32, 32), 7)
    answer = ask_other_process(write_model(model, tmp_path, to=to), to, images)
    parity = compare(expected_probabilities(model, images), answer, images)
    assert parity.largest_difference < 1e-5


# EfficientNet and ConvNeXt are made of them
def test_layers_that_tf2onnx_cannot_convert_are_said_otherwise(tmp_path):
    import keras
    from keras import layers

    inputs = layers.Input((9, 8, 3))
    features = layers.Normalization(mean=[90, 100, 110.5], variance=[900, 0.0, 2500])(inputs)
    features = layers.Conv2D(4, 3, activation="relu")(features)
    features = layers.Conv2D(4, (3, 2), groups=4, activation="gelu", padding="same")(features)
    features = layers.Conv2D(4, 2, groups=4, strides=2, use_bias=False)(features)
    model = keras.Model(inputs, layers.Softmax()(layers.GlobalAveragePooling2D()(features)))
    images = noise_images((9, 8), 7)
    answer = ask_other_process(write_model(model, tmp_path, to="onnx"), "onnx", images)
    parity = compare(expected_probabilities(model, images), answer, images)
    assert parity.largest_difference < 1e-5


def test_a_layer_that_no_format_has_is_an_error_that_quotes_the_converter(tmp_path):
    from types import SimpleNamespace

    from imgclass.errors import RunError

    def export_(*_, **__):
        raise NotImplementedError("no such layer")

    with pytest.raises(RunError, match="could not be converted to savedmodel: NotImpl"):
        write_model(SimpleNamespace(export=export_), tmp_path, to="savedmodel")
