"""The parts of a model card on how good the model is: scores, classes, mistakes, probabilities."""

from collections.abc import Iterator

from imgclass.data.manifest import Split
from imgclass.evaluation import ClassScore, Evaluation, Score
from imgclass.evaluation.calibration import FEWEST_OF_BIN
from imgclass.evaluation.matrix import most_confused
from imgclass.formatting import count, cut_apart, figure, percent, percent_range
from imgclass.report.model_card.markdown import LONGEST_NAME, plain, section, table
from imgclass.run import Run
from imgclass.run.test_looks import read_looks
from imgclass.statistics import wilson_interval

MOST_CLASSES, MOST_PAIRS = 100, 10  # rows
SHARE = 0.005  # a probability that is off by less is right


def score_sections(run: Run) -> Iterator[str]:
    """Yield the sections; figures by class are those of test, or of val if there is no test."""
    evaluation = run.evaluation
    split: Split = "val" if evaluation.test is None else "test"
    score = evaluation.scores[split]
    yield section(
        "How good it is",
        _accuracies(evaluation),
        "The intervals hold in 95 of 100 cases (Wilson's interval): new images of the same kind "
        "give an accuracy about there. Train images were learned, so their accuracy is higher.",
        _looks(run) if evaluation.test else "",
    )
    yield section(f"By class, on {split}", _shown(score), _classes(score))
    yield section("What it confuses", _confused(score, split))
    yield section("How far its probabilities can be trusted", _calibration(evaluation, split))


def _accuracies(evaluation: Evaluation) -> str:
    rows = [_row(split, score) for split, score in evaluation.scores.items()]
    rows += [
        _row(f"{split}, averaged over mirror images", score)
        for split, score in evaluation.mirrored.items()
    ]
    return table(("split", "images", "accuracy", "95 % interval", "loss"), rows)


def _row(name: str, score: Score) -> tuple[str, ...]:
    return (
        name,
        f"{score.n:,}",
        percent(score.accuracy),
        percent_range(score.interval),
        figure(score.loss),
    )


def _looks(run: Run) -> str:
    looks = len(read_looks(run.path))
    if not looks:
        return "As far as imgclass knows, no run was chosen by its test accuracy."
    return (
        f"Test accuracies of this run and others were compared {count(looks, 'time')}. If it was "
        f"chosen by them, its own is too high."
    )


def _shown(score: Score) -> str:
    more = len(score.class_names) - MOST_CLASSES
    return (
        f"The {MOST_CLASSES} of {len(score.class_names):,} classes that are found least often."
        if more > 0
        else "Those first that are found least often (recall)."
    )


def _classes(score: Score) -> str:
    names = cut_apart(score.class_names, LONGEST_NAME)
    # A class without images has no recall.
    ranked = sorted(score.per_class, key=lambda each: (each.recall is None, each.recall))
    return table(
        ("class", "images", "recall", "95 % interval", "precision", "F1"),
        [
            (
                plain(names[each.class_name]),
                f"{each.n:,}",
                percent(each.recall),
                _recall_interval(each),
                percent(each.precision),
                percent(each.f1),
            )
            for each in ranked[:MOST_CLASSES]
        ],
    )


def _recall_interval(each: ClassScore) -> str:
    if each.recall is None:
        return "no images"
    return percent_range(wilson_interval(round(each.recall * each.n), each.n))


def _confused(score: Score, split: Split) -> str:
    pairs = most_confused(score, most=MOST_PAIRS)
    if not pairs:
        return f"Nothing, on {count(score.n, f'{split} image')}."
    names = cut_apart(score.class_names, LONGEST_NAME)
    return table(
        ("class", "taken for", "images", "share of the class"),
        [
            (
                plain(names[pair.label]),
                plain(names[pair.predicted]),
                f"{pair.cell.images:,}",
                percent(pair.cell.share),
            )
            for pair in pairs
        ],
    )


def _calibration(evaluation: Evaluation, split: Split) -> str:
    found, score = evaluation.calibration(split), evaluation.scores[split]
    overall = (
        f"Their mean is {percent(score.accuracy + found.excess)}, the accuracy "
        f"{percent(score.accuracy)}: on the whole they are {_direction(found.excess)}."
    )
    if score.n < 2 * FEWEST_OF_BIN:
        return (
            f"{count(score.n, f'{split} image')} are too few to compare the probabilities of the "
            f"predicted classes one by one with how often they are right. {overall}"
        )
    error = (
        f"The probability of the predicted class differs from how often it is right by "
        f"{percent(found.ece)} on average (expected calibration error on {split}; 95 % interval "
        f"{percent_range(found.interval)}). {overall}"
    )
    if found.temperature is None or found.interval[0] < SHARE:
        return error
    return (
        f"{error} Dividing the logarithms of the probabilities by {found.temperature:.2f}, fitted "
        f"on val, mends most of that (temperature scaling); the model file does not do it."
    )


def _direction(excess: float) -> str:
    if abs(excess) < SHARE:
        return "right"
    return "too high" if excess > 0 else "too low"
