"""From a trained model and new images to predictions."""

from imgclass.serving.classifier import Classifier
from imgclass.serving.inference import predict
from imgclass.serving.inputs import ImageLike, Images
from imgclass.serving.isolation.limits import Isolation
from imgclass.serving.isolation.parent import predict_isolated
from imgclass.serving.prediction import Prediction, Predictions

__all__ = [
    "Classifier",
    "ImageLike",
    "Images",
    "Isolation",
    "Prediction",
    "Predictions",
    "predict",
    "predict_isolated",
]
