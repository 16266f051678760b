"""Learning curves: val accuracy by the number of training images, and what more of them bring."""

from imgclass.learning_curves.curve import LearningCurve
from imgclass.learning_curves.points import CurvePoint, Forecast
from imgclass.learning_curves.power_law import PowerLaw, PowerLawFit, fit_power_law
from imgclass.learning_curves.trainings import learning_curve

__all__ = [
    "CurvePoint",
    "Forecast",
    "LearningCurve",
    "PowerLaw",
    "PowerLawFit",
    "fit_power_law",
    "learning_curve",
]
