"""Export a classifier: write the file, compare it with the model, and put it in its place."""

from dataclasses import dataclass
from pathlib import Path

from imgclass.errors import MachineError, RunError, UsageError
from imgclass.formatting import percent
from imgclass.serving.classifier import Classifier
from imgclass.serving.export.exported import ExportedModel, Parity
from imgclass.serving.export.formats import (
    TOLERANCES,
    Format,
    Precision,
    Tolerance,
    require_extra,
    require_format,
)
from imgclass.serving.export.known_images import KnownImages, noise_images
from imgclass.serving.export.parity import ask_other_process, compare, expected_probabilities
from imgclass.serving.export.publication import (
    new_folder,
    publish,
    require_free,
    size_of,
    write_text,
)
from imgclass.serving.export.signature import LABELS, SIGNATURE, format_labels, format_signature
from imgclass.serving.export.writing import write_model

NOISE = 32  # images, where there are no real ones
FAILED = ".differs"  # after the name of a folder whose file does not predict what the run does


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What is exported, to where, and what it is compared on.

    Attributes:
        to: `savedmodel`, `onnx` or `litert`.
        folder: A new folder.
        precision: `float32`; for `litert` also `float16` or `int8`.
        check: Images on which the file is compared with the model; noise if there are none.
        calibration: Images that show how large the numbers between the layers become, for int8.
        tolerance: How far the file may be from the model; by default that of the precision.
        force: Whether an earlier export in the folder is replaced.
    """

    to: Format
    folder: Path
    precision: Precision = "float32"
    check: KnownImages | None = None
    calibration: KnownImages | None = None
    tolerance: Tolerance | None = None
    force: bool = False


def require_possible(plan: ExportPlan) -> None:
    """Refuse what cannot be exported, before Keras is imported.

    Raises:
        UsageError: The format and the precision do not go together.
        MachineError: A package is missing; the message has the command that installs it.
        UnsafeError: The folder is there already.
    """
    require_format(plan.to, plan.precision)
    require_extra(plan.to)
    require_free(plan.folder, force=plan.force)
    require_free(_failed(plan.folder), force=True)


def export_classifier(classifier: Classifier, plan: ExportPlan) -> ExportedModel:
    """Write a classifier's model in another format, and require that it predicts the same.

    The file takes what the model takes, raw RGB 0-255 of the image size, and gives probabilities:
    preprocessing is inside. Another process, without Keras, predicts images with it.

    Raises:
        UsageError: The format and the precision do not go together, or int8 has no images.
        MachineError: A package is missing, Keras does not use TensorFlow, or writing failed.
        UnsafeError: The folder is there already.
        RunError: The model cannot be loaded or converted, or the file predicts something else; it
            is then kept in a folder whose name ends in `.differs`.
    """
    require_possible(plan)
    if plan.precision == "int8" and not (plan.calibration and len(plan.calibration)):
        raise UsageError(
            "Expected train images to fit the 256 steps of int8 to; there are none: the data set "
            "was moved or changed. Name its place (--data), or export without --int8."
        )
    model = classifier.model
    _require_tensorflow()
    check = plan.check if plan.check and len(plan.check) else None
    images = check or noise_images(classifier.image_size, NOISE)
    tolerance = plan.tolerance or TOLERANCES[plan.precision]
    with new_folder(plan.folder) as part:
        path = write_model(
            model,
            part,
            to=plan.to,
            precision=plan.precision,
            calibration=None if plan.calibration is None else plan.calibration.pixels,
        )
        answer = ask_other_process(path, plan.to, images)
        parity = compare(expected_probabilities(model, images), answer, images)
        is_kept = tolerance.is_kept(
            difference=parity.largest_difference, agreement=parity.agreement
        )
        signature = format_signature(
            classifier,
            to=plan.to,
            precision=plan.precision,
            tolerance=tolerance,
            answer=answer,
            parity=parity,
            is_checked=is_kept,
        )
        write_text(part / LABELS, format_labels(classifier.class_names))
        write_text(part / SIGNATURE, signature)
        size = size_of(path)
        if not is_kept:
            publish(part, _failed(plan.folder), force=True)
            raise _differs(parity, tolerance, _failed(plan.folder))
        publish(part, plan.folder, force=plan.force)
    return ExportedModel(plan.folder / path.name, plan.to, plan.precision, size, parity)


def _failed(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{FAILED}")


def _require_tensorflow() -> None:
    """Refuse Keras's other backends: converting begins with TensorFlow's graph of the model."""
    import keras

    if (backend := keras.config.backend()) != "tensorflow":
        raise MachineError(
            f"Expected Keras to compute with TensorFlow, which exporting begins with; it computes "
            f"with {backend}. A saved model does not depend on that: export with "
            f"KERAS_BACKEND=tensorflow."
        )


def _differs(parity: Parity, tolerance: Tolerance, folder: Path) -> RunError:
    accuracy = ""
    if parity.accuracy is not None:
        accuracy = (
            f" Accuracy on these images: {percent(parity.accuracy)}; the run: "
            f"{percent(parity.run_accuracy)}."
        )
    return RunError(
        f"The exported file does not predict what the run predicts. Expected {tolerance}; the same "
        f"class for {parity.same_class}, probabilities that differ by up to "
        f"{parity.largest_difference:.2g}.{accuracy} The file is kept in {folder} to look at. "
        f"Export it without --int8 or --float16, or to another format."
    )
