"""From a trained model to a file that other programs use: SavedModel, ONNX, LiteRT."""

from imgclass.serving.export.exported import ExportedModel, Parity, megabytes
from imgclass.serving.export.exporter import ExportPlan, export_classifier, require_possible
from imgclass.serving.export.formats import (
    FORMATS,
    PRECISIONS,
    TOLERANCES,
    Format,
    Precision,
    Tolerance,
    folder_name,
)
from imgclass.serving.export.known_images import KnownImages, noise_images, read_known_images

__all__ = [
    "FORMATS",
    "PRECISIONS",
    "TOLERANCES",
    "ExportPlan",
    "ExportedModel",
    "Format",
    "KnownImages",
    "Parity",
    "Precision",
    "Tolerance",
    "export_classifier",
    "folder_name",
    "megabytes",
    "noise_images",
    "read_known_images",
    "require_possible",
]
