"""The part of a model card on how to use the model, with and without imgclass."""

from imgclass.report.model_card.markdown import section
from imgclass.run import Run
from imgclass.run.directory import MODEL

_RESIZED = {
    "stretch": "which changes its aspect ratio",
    "crop": "after the centre of that aspect ratio was cut out",
    "pad": "with black bars where the aspect ratio differs",
}

_IMGCLASS = f"""```python
from imgclass import Classifier

print(Classifier.load("{MODEL}").predict("photo.jpg"))
```"""

_KERAS = """```python
import json
import zipfile

import keras

model = keras.saving.load_model("{model}")
size = model.input_shape[1:3]
image = keras.utils.load_img("photo.jpg", target_size=size, interpolation="bilinear"{keep})
[probabilities] = model.predict(keras.utils.img_to_array(image)[None], verbose=0)
with zipfile.ZipFile("{model}") as archive:
    class_names = json.loads(archive.read("metadata.json"))["imgclass"]["class_names"]
print(class_names[probabilities.argmax()])
```"""


def usage_section(run: Run) -> str:
    """Return the section."""
    size = run.experiment.spec.image_size
    resize = run.experiment.resize
    pixels = f" {size[0]} x {size[1]}" if size else ""
    keep = {"crop": ", keep_aspect_ratio=True"}.get(resize, "")
    padded = (
        " `load_img` cannot add the bars: do it with `keras.layers.Resizing(..., "
        "pad_to_aspect_ratio=True)`."
        if resize == "pad"
        else ""
    )
    return section(
        "How to use it",
        f"`{MODEL}` takes RGB images of{pixels} pixels (height x width), numbers in 0-255, and "
        f"gives the probabilities of the classes. What else it does to an image is inside. An "
        f"image of another size is resized bilinearly, {_RESIZED[resize]}.",
        "With imgclass (`pip install imgclass-keras`):",
        _IMGCLASS,
        "With Keras alone:",
        _KERAS.format(model=MODEL, keep=keep) + padded,
    )
