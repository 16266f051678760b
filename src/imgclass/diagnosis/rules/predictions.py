"""Single predictions: labels that they contradict, and probabilities that are too high."""

from typing import TYPE_CHECKING

import numpy as np

from imgclass.diagnosis.causes import blocking_cause
from imgclass.diagnosis.diagnosis import Finding
from imgclass.diagnosis.doubted_labels import doubted_labels, explains_bias, predictions_of
from imgclass.diagnosis.evidence import Evidence, Gap
from imgclass.diagnosis.interpretation import in_words, stake
from imgclass.evaluation import Score, calibration_of, fit_temperature

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 5
TOO_SURE = 0.05  # expected calibration error


def label_errors(evidence: Evidence) -> Finding | None:
    """The network, trained on these labels, still contradicts many of them with confidence."""
    doubted, train = doubted_labels(evidence), predictions_of(evidence, "train")
    if doubted is None or train is None or blocking_cause(evidence):
        return None
    share, files = len(doubted) / len(train), ", ".join(map(str, doubted["path"][:SHOWN]))
    shortfall = evidence.shortfall
    is_cause = explains_bias(doubted, evidence) and shortfall is not None
    return Finding(
        name="label_errors",
        severity=stake(max(share, shortfall.value) if is_cause and shortfall else share),
        explanation=(
            f"Of {len(doubted):,} train images ({share:.1%}) the network is sure that they are of "
            f"another class, although it learned their labels; these are spread over all classes. "
            f"The surest: {files}."
        ),
        advice=(
            "Look at these images, and correct the labels that are wrong.",
            "imgclass label-errors finds those learned by heart, too: it trains on folds.",
            "Until then train for fewer epochs: wrong labels are learned last.",
        ),
    )


def miscalibrated(evidence: Evidence) -> Finding | None:
    """Probabilities are too high for how often they are right."""
    val, rows = evidence.val, predictions_of(evidence, "val")
    if rows is None or val is None or blocking_cause(evidence):
        return None
    found = calibration_of(rows, temperature=_temperature(evidence, rows))
    mean = float(rows["probability"].mean())
    gap = Gap(found.ece, found.interval)
    if found.excess <= 0 or not gap.is_above(TOO_SURE):
        return None
    remedy = ""
    if found.temperature is not None:
        remedy = (
            f" A temperature of {found.temperature:.2f} would mend them: divide their logarithms "
            f"by it, and scale them to a sum of 1 again."
        )
    return Finding(
        name="miscalibrated",
        severity=0.0,
        explanation=(
            f"The network is surer than it is right: its val probabilities are "
            f"{mean:.3f} on average, and its accuracy is {in_words(val)}. "
            f"The expected calibration error is {found.ece:.3f} ({gap.interval[0]:.3f} to "
            f"{gap.interval[1]:.3f})."
        ),
        advice=(
            f"Do not read its probabilities as such.{remedy} Classes and their order stay.",
            "Label smoothing, fewer epochs and more images make a network less sure.",
        ),
        gap=gap,
    )


def _temperature(evidence: Evidence, rows: "pd.DataFrame") -> float | None:
    """Return the temperature that would mend the probabilities; None if only some are known."""
    val, known = evidence.val, evidence.probabilities.get("val")
    if known is None or not isinstance(val, Score) or len(known) != len(rows):
        return None
    place = {name: i for i, name in enumerate(val.class_names)}
    return fit_temperature(known, np.array([place[name] for name in rows["label"]], np.int64))
