"""From a trained model and clean flows to scores with intervals."""

from imgclass.evaluation.comparison import Comparison, compare_predictions
from imgclass.evaluation.constant_images import ConstantImages
from imgclass.evaluation.evaluation import PREDICTION_COLUMNS, Evaluation
from imgclass.evaluation.passes import evaluate
from imgclass.evaluation.score import ClassScore, Score, confusion_of

__all__ = [
    "PREDICTION_COLUMNS",
    "ClassScore",
    "Comparison",
    "ConstantImages",
    "Evaluation",
    "Score",
    "compare_predictions",
    "confusion_of",
    "evaluate",
]
