"""A trained model and new images to predictions."""

from imgclass.serving.classifier import Classifier
from imgclass.serving.isolation.limits import Isolation
from imgclass.serving.isolation.parent import predict_isolated
from imgclass.serving.prediction import ImageLike, Prediction, predict

__all__ = ["Classifier", "ImageLike", "Isolation", "Prediction", "predict", "predict_isolated"]
