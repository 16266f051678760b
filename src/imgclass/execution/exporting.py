"""Export the model of a run, and compare the file with the run on its own val images."""

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from imgclass.run.run import Run
from imgclass.serving.export import (
    ExportedModel,
    ExportPlan,
    Format,
    Precision,
    export_classifier,
    folder_name,
    read_known_images,
    require_possible,
)

EXPORTS = "export"  # a folder in the run's directory
# Enough to see whether a file is another model, few enough for a large network on two cores.
CHECKED = 200
# TensorFlow's page on quantisation after the training asks for 100 to 500.
CALIBRATED = 200


def export(
    run: Run | str | os.PathLike[str],
    *,
    to: Format,
    precision: Precision = "float32",
    out: str | os.PathLike[str] | None = None,
    data: str | os.PathLike[str] | None = None,
    force: bool = False,
) -> ExportedModel:
    """Write the model of a run as a SavedModel, for ONNX Runtime or for LiteRT.

    The file takes raw RGB 0-255 of the run's image size and gives probabilities in the order of
    `labels.txt`, which is written beside it. Another process predicts up to 200 val images of the
    run with it and with nothing of imgclass or Keras; if it does not predict what the run does,
    that is an error. It never averages over mirror images.

    Args:
        run: The run, or its directory.
        to: `savedmodel`, `onnx` (needs the extra `onnx`) or `litert` (needs `litert`).
        precision: `float32`; for `litert` also `float16`, half the size, or `int8`, a quarter of
            it, for which train images of the run are read.
        out: A new folder; `export/<format>` in the run's directory if not given.
        data: The data set's new place, if it was moved. Without it, the file is compared on noise.
        force: Whether to replace an earlier export.

    Raises:
        RunError: There is no such run or no model in it, it cannot be converted, or the file
            predicts something else.
        UsageError: The format and the precision do not go together, or int8 has no images.
        MachineError: A package is missing, Keras does not use TensorFlow, or writing failed.
        UnsafeError: The folder is there already.

    Example:
        >>> export("runs/none", to="onnx")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """
    run = run if isinstance(run, Run) else Run.load(run)
    plan = plan_export(run, to=to, precision=precision, out=out, data=data, force=force)
    return export_classifier(run.classifier, plan)


def plan_export(
    run: Run,
    *,
    to: Format,
    precision: Precision = "float32",
    out: str | os.PathLike[str] | None = None,
    data: str | os.PathLike[str] | None = None,
    force: bool = False,
) -> ExportPlan:
    """Refuse what `export` cannot do, and read the images that it needs, without Keras."""
    folder = run.path / EXPORTS / folder_name(to, precision) if out is None else Path(out)
    plan = ExportPlan(to, folder.absolute(), precision, force=force)
    require_possible(plan)
    classifier = run.classifier
    read = partial(
        read_known_images,
        run.manifest,
        run.data if data is None else Path(data),
        image_size=classifier.image_size,
        resize=classifier.resize,
    )
    plan = replace(plan, check=read(split="val", most=CHECKED))
    if precision == "int8":
        plan = replace(plan, calibration=read(split="train", most=CALIBRATED))
    return plan
