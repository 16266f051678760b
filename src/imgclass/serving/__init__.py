"""A trained model and new images to predictions."""

from imgclass.serving.classifier import Classifier
from imgclass.serving.prediction import ImageLike, Prediction, predict

__all__ = ["Classifier", "ImageLike", "Prediction", "predict"]
