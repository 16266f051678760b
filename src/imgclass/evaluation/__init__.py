"""From a trained model and clean flows to scores with intervals."""

from imgclass.evaluation.calibration import (
    Calibration,
    CalibrationBin,
    at_temperature,
    calibrate,
    calibration_of,
    fit_temperature,
)
from imgclass.evaluation.comparison import Comparison, compare_predictions
from imgclass.evaluation.confident_learning import (
    MOST_PREFERENCE,
    confident_disagreements,
    label_preference,
)
from imgclass.evaluation.constant_images import ConstantImages
from imgclass.evaluation.evaluation import PREDICTION_COLUMNS, Evaluation, prediction_table
from imgclass.evaluation.mirror_images import MirrorImages
from imgclass.evaluation.passes import evaluate
from imgclass.evaluation.score import ClassScore, Score, confusion_of

__all__ = [
    "MOST_PREFERENCE",
    "PREDICTION_COLUMNS",
    "Calibration",
    "CalibrationBin",
    "ClassScore",
    "Comparison",
    "ConstantImages",
    "Evaluation",
    "MirrorImages",
    "Score",
    "at_temperature",
    "calibrate",
    "calibration_of",
    "compare_predictions",
    "confident_disagreements",
    "confusion_of",
    "evaluate",
    "fit_temperature",
    "label_preference",
    "prediction_table",
]
