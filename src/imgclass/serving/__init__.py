"""A trained model and new images to predictions."""

from imgclass.serving.loading import load_model
from imgclass.serving.prediction import ImageLike, Prediction, predict

__all__ = ["ImageLike", "Prediction", "load_model", "predict"]
