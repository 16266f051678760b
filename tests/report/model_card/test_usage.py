import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from imgclass.report.model_card.usage import usage_section


def code_of(run):
    return re.findall(r"```python\n(.*?)```", usage_section(run), re.DOTALL)


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
def test_how_an_image_is_resized_is_said(small_run, resize):
    section = usage_section(
        replace(small_run, experiment=replace(small_run.experiment, resize=resize))
    )
    said = {"stretch": "changes its aspect ratio", "crop": "keep_aspect_ratio", "pad": "black bars"}
    assert [each for each, words in said.items() if words in section] == [resize]


@pytest.mark.keras
def test_the_code_of_the_card_names_the_class_with_and_without_imgclass(
    small_run, tmp_path, monkeypatch, capsys
):
    import keras

    from imgclass.entry_points import Origin
    from imgclass.io.fs import FileSystem
    from imgclass.models.model_file import describe_model, save_model

    image = keras.Input((8, 8, 3))
    means = keras.layers.GlobalAveragePooling2D()(image)
    model = keras.Model(image, keras.layers.Dense(2, activation="softmax", name="logits")(means))
    model.get_layer("logits").set_weights([np.eye(3)[:, :2], np.zeros(2)])
    metadata = describe_model(
        model,
        class_names=("red", "green"),
        image_size=(8, 8),
        resize="stretch",
        tta=False,
        architecture="cnn",
        origin=Origin("imgclass-keras", "0", "imgclass.models.cnn:cnn"),
    )
    save_model(model, tmp_path / "model.keras", metadata, files=FileSystem())
    Image.new("RGB", (20, 10), (0, 99, 0)).save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    said = []
    for code in code_of(small_run):
        exec(code, {})  # noqa: S102 - it is what a reader would run
        said.append(capsys.readouterr().out)
    assert "green" in said[0]
    assert said[1].endswith("green\n")
