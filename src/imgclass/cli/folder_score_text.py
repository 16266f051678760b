"""The score on a folder of labelled images as JSON, and as text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from imgclass.cli.output import table, visible_lines
from imgclass.data.faults import Faults, listing
from imgclass.formatting import UNDEFINED, count, cut_apart, figure, percent, percent_range

if TYPE_CHECKING:
    from imgclass.serving.folder_score import FolderScore, Rate

SHOWN_CLASSES = 30  # more would push the rest off a screen
CONFUSED = 5  # pairs of classes
LONGEST_NAME = 40  # characters


def folder_score_payload(scored: "FolderScore") -> dict[str, Any]:
    """Return a score as `evaluate --json` prints it."""
    from imgclass.evaluation.matrix import most_confused

    score, calibration = scored.score, scored.calibration
    return {
        "data": str(scored.root),
        "split": scored.split,
        "n": score.n,
        "accuracy": score.accuracy,
        "interval": list(score.interval),
        "balanced_accuracy": scored.balanced_accuracy,
        "loss": score.loss,
        "ece": calibration.ece,
        "ece_interval": list(calibration.interval),
        "classes": [
            {
                "name": one.name,
                "n": one.n,
                "recall": one.recall.value,
                "recall_interval": one.recall.interval and list(one.recall.interval),
                "precision": one.precision.value,
                "precision_interval": one.precision.interval and list(one.precision.interval),
            }
            for one in scored.per_class
        ],
        "confused": [
            {
                "label": pair.label,
                "predicted": pair.predicted,
                "images": pair.cell.images,
                "share": pair.cell.share,
            }
            for pair in most_confused(score, most=score.n)
        ],
        "unread": [{"path": str(p.path), "error": str(p.error)} for p in scored.unread],
        "unknown": dict(scored.unknown),
        "learned": scored.learned,
    }


def folder_score_text(scored: "FolderScore") -> str:
    """Return a score as text."""
    score, calibration = scored.score, scored.calibration
    of = f", {scored.split}" if scored.split else ""
    rows = [
        ("", f"{count(score.n, 'image')}", "95 % interval"),
        ("accuracy", percent(score.accuracy), percent_range(score.interval)),
        ("balanced accuracy", percent(scored.balanced_accuracy), ""),
        ("calibration error", percent(calibration.ece), percent_range(calibration.interval)),
        ("loss", figure(score.loss), ""),
    ]
    parts = [f"{scored.root}{of}", table(rows), _classes(scored), *_confused(scored)]
    return visible_lines("\n\n".join((*parts, *_remarks(scored))))


def _classes(scored: "FolderScore") -> str:
    """Return the table of the classes; of many, those that are recognised worst."""
    per_class = [one for one in scored.per_class if one.n or one.precision.value is not None]
    cut_off = len(per_class) > SHOWN_CLASSES
    if cut_off:
        per_class.sort(key=lambda one: 1.0 if one.recall.value is None else one.recall.value)
    shown = cut_apart(tuple(one.name for one in per_class[:SHOWN_CLASSES]), LONGEST_NAME)
    rows = [("class", "images", "recall", "95 % interval", "precision", "95 % interval")]
    rows += [
        (shown[one.name], f"{one.n:,}", *_cells(one.recall), *_cells(one.precision))
        for one in per_class[:SHOWN_CLASSES]
    ]
    more = f"\nthe {SHOWN_CLASSES} of {len(per_class):,} classes with the lowest recall"
    return table(rows) + (more if cut_off else "")


def _cells(rate: "Rate") -> tuple[str, str]:
    if rate.interval is None:
        return UNDEFINED, ""
    return percent(rate.value), percent_range(rate.interval)


def _confused(scored: "FolderScore") -> Iterator[str]:
    from imgclass.evaluation.matrix import most_confused

    pairs = most_confused(scored.score, most=CONFUSED)
    if pairs:
        shown = cut_apart(scored.score.class_names, LONGEST_NAME)
        rows = [("most confused", "predicted as", "images", "of the class")]
        rows += [
            (shown[pair.label], shown[pair.predicted], f"{images:,}", percent(share))
            for pair in pairs
            for images, share in (pair.cell,)
        ]
        yield table(rows)


def _remarks(scored: "FolderScore") -> Iterator[str]:
    """Say what was left out, and why the accuracy may be too high."""
    if scored.learned:
        number = count(scored.learned, "image is", "images are")
        yield f"{number} among those that the model was trained with: the accuracy is too high."
    if scored.absent:
        yield f"No image of {listing(scored.absent)}, which the model knows."
    if scored.unknown:
        named = listing([f"{name} ({number:,})" for name, number in scored.unknown.items()])
        yield f"Left out, since the model does not know these classes: {named}."
    if scored.unread:
        number = count(len(scored.unread), "image")
        faults = Faults(str(prediction.error) for prediction in scored.unread)
        yield f"Left out: {number} that cannot be read.\n{faults}"
