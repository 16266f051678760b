"""Predict with an exported model, without imgclass and without Keras: a program of its own.

    python other_process.py FORMAT MODEL FOLDER

FOLDER has the images in `images.npy`, uint8 `(n, height, width, 3)`. Each is predicted alone. The
program adds `probabilities.npy`, float32 `(n, classes)`, and `answer.json`: the median seconds an
image, and what the model says of its input and its output.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

Predict = Callable[[npt.NDArray[np.uint8]], Any]
Described = dict[str, dict[str, Any]]


def main(kind: str, model: str, folder: str) -> None:
    """Predict every image, and write what came out."""
    images = np.load(Path(folder, "images.npy"), allow_pickle=False)
    predict, described = OPENERS[kind](model)
    predict(images[:1])  # the first one takes longer
    rows, seconds = [], []
    for i in range(len(images)):
        began = time.perf_counter()
        rows.append(np.asarray(predict(images[i : i + 1]))[0])
        seconds.append(time.perf_counter() - began)
    np.save(Path(folder, "probabilities.npy"), np.stack(rows).astype(np.float32))
    answer = {"seconds_per_image": median(seconds)} | described
    Path(folder, "answer.json").write_text(json.dumps(answer), encoding="utf-8")


def open_savedmodel(path: str) -> tuple[Predict, Described]:
    """Open it with TensorFlow."""
    tf = import_module("tensorflow")
    loaded = tf.saved_model.load(path)
    serve = loaded.signatures["serving_default"]
    [(taken, spec)] = serve.structured_input_signature[1].items()
    [given] = serve.structured_outputs

    def predict(images: npt.NDArray[np.uint8]) -> Any:
        return serve(**{taken: tf.constant(images, spec.dtype)})[given].numpy()

    return predict, {
        "input": {"name": taken, "dtype": spec.dtype.name},
        "output": {"name": given, "dtype": "float32"},
    }


def open_onnx(path: str) -> tuple[Predict, Described]:
    """Open it with ONNX Runtime."""
    runtime = import_module("onnxruntime")
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    [taken], [given] = session.get_inputs(), session.get_outputs()

    def predict(images: npt.NDArray[np.uint8]) -> Any:
        return session.run([given.name], {taken.name: images.astype(np.float32)})[0]

    return predict, {
        "input": {"name": taken.name, "dtype": "float32"},
        "output": {"name": given.name, "dtype": "float32"},
    }


def open_litert(path: str) -> tuple[Predict, Described]:
    """Open it with LiteRT; quantised numbers q stand for scale * (q - zero_point)."""
    runtime = import_module("ai_edge_litert.interpreter")
    interpreter = runtime.Interpreter(model_path=path)
    interpreter.allocate_tensors()
    [taken], [given] = interpreter.get_input_details(), interpreter.get_output_details()
    scale, zero_point = given["quantization"]

    def predict(images: npt.NDArray[np.uint8]) -> Any:
        interpreter.set_tensor(taken["index"], images.astype(taken["dtype"]))
        interpreter.invoke()
        output = interpreter.get_tensor(given["index"])
        return (output.astype(np.float32) - zero_point) * scale if scale else output

    return predict, {"input": _described(taken), "output": _described(given)}


def _described(details: dict[str, Any]) -> dict[str, Any]:
    scale, zero_point = details["quantization"]
    quantised = {"scale": float(scale), "zero_point": int(zero_point)} if scale else {}
    return {"name": details["name"], "dtype": np.dtype(details["dtype"]).name, **quantised}


OPENERS: dict[str, Callable[[str], tuple[Predict, Described]]] = {
    "savedmodel": open_savedmodel,
    "onnx": open_onnx,
    "litert": open_litert,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
