"""The part of a model card on what the model cannot do, or what nobody knows of it."""

from collections.abc import Iterator, Sequence

from imgclass.evaluation import Score
from imgclass.formatting import count, percent_range, title_case
from imgclass.report.model_card.markdown import (
    LONGEST_SENTENCE,
    bullets,
    plain,
    section,
)
from imgclass.run import Run
from imgclass.statistics import wilson_interval

# Fewer train images seldom show what a class may look like, and fewer scored ones leave an interval
# of the recall that is 35 points wide at 80 %.
FEW_TRAIN, FEW_SCORED = 50, 20
SHOWN = 10  # classes that a sentence names
NO_LIMITS = {"good_enough", "within_noise"}  # findings that are none
HALF = 0.5


def limits_section(run: Run) -> str:
    """Return the section; the last sentences are for the author to complete."""
    return section(
        "Limits",
        bullets(_limits(run)),
        "Not known to imgclass, and for the author to add: what the model is meant for and what "
        "not, where and by whom the images were made, who or what they do not show, and the "
        "licence of the images.",
    )


def _limits(run: Run) -> Iterator[str]:
    classes = count(len(run.class_names), "class", "classes")
    yield (
        f"Every image gets one of the {classes}, also one that shows none of them, and the "
        f"probability may be high all the same."
    )
    counts = run.manifest.class_counts("train")
    if few := [name for name in run.class_names if counts.get(name, 0) < FEW_TRAIN]:
        yield f"Fewer than {FEW_TRAIN} train images: {_named(few)}."
    evaluation = run.evaluation
    split, score = ("val", evaluation.val) if evaluation.test is None else ("test", evaluation.test)
    yield from _scored(score, split)
    if evaluation.test is None:
        yield (
            "There are no test images. Val images chose the epoch whose weights were kept, and "
            "perhaps more, so that val accuracy is a little too high."
        )
    if run.kept_diagnosis is not None:
        for finding in run.kept_diagnosis.findings:
            if finding.name not in NO_LIMITS:
                words = plain(finding.explanation, LONGEST_SENTENCE)
                yield f"{plain(title_case(finding.name))}: {words}"


def _scored(score: Score, split: str) -> Iterator[str]:
    few = [each.class_name for each in score.per_class if each.n < FEW_SCORED]
    if few:
        interval = percent_range(wilson_interval(round(0.8 * FEW_SCORED), FEW_SCORED))
        yield (
            f"Fewer than {FEW_SCORED} {split} images, so that little is known of how often they "
            f"are found (16 of 20 may stand for {interval}): {_named(few)}."
        )
    if missed := [
        each.class_name
        for each in score.per_class
        if each.recall is not None and each.recall < HALF
    ]:
        yield f"Found less than half of the time on {split}: {_named(missed)}."


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(map(plain, names[:SHOWN])) + more
