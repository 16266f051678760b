"""Whether the accuracy of a run can be trusted: one check a question, each with its answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from imgclass.data.manifest import Manifest, Split
from imgclass.diagnosis.diagnosis import Finding
from imgclass.evaluation import Calibration, Evaluation, Score
from imgclass.formatting import count, percent, points, title_case
from imgclass.run import Run
from imgclass.run.test_looks import MANY, read_looks
from imgclass.statistics import newcombe_interval

Tone = Literal["good", "look", "unknown"]

ROUGH = 0.05  # half of an interval; a wider one tells few runs apart
FEW = 10  # images of a class, with which its figures say little
TOO_SURE = 0.05  # calibration error, as the Diagnoser has it
# What the Diagnoser finds that makes figures mean less than they say.
DOUBTS = ("leak", "class_order", "constant_images", "no_signal", "mode_defect", "mismatch")


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer.

    Attributes:
        question: In a few words.
        tone: `good`, `look` (something should be looked at) or `unknown`.
        answer: In one or two sentences.
    """

    question: str
    tone: Tone
    answer: str

    @property
    def word(self) -> str:
        """The tone as a word, for whoever sees no colour."""
        return {"good": "Yes", "look": "Look", "unknown": "Unknown"}[self.tone]


def checks_of(run: Run, calibration: Calibration) -> tuple[Check, ...]:
    """Return the checks of a scored and diagnosed run.

    Args:
        run: Its directory is asked how often its test scores were compared with others.
        calibration: Of its predictions on val.
    """
    evaluation = run.evaluation
    return (
        *_doubts(run.diagnosis.findings),
        _enough_images(evaluation),
        *_small_classes(evaluation.val),
        _no_copies(run.manifest),
        _free_of_choices(evaluation),
        *_looks(run, evaluation),
        _better_than_guessing(evaluation.val),
        _honest_probabilities(calibration),
    )


def headline(evaluation: Evaluation) -> tuple[Split, Score]:
    """Return the score that says most about new images: that of test, if there is one."""
    if evaluation.test is not None:
        return "test", evaluation.test
    return "val", evaluation.val


def guess_of(score: Score) -> float:
    """Return the accuracy of always predicting the most frequent class."""
    return max(map(sum, score.confusion)) / score.n


def _doubts(findings: tuple[Finding, ...]) -> Iterator[Check]:
    for finding in findings:
        if finding.name in DOUBTS:
            yield Check(f"No {title_case(finding.name).lower()}?", "look", finding.explanation)


def _enough_images(evaluation: Evaluation) -> Check:
    split, score = headline(evaluation)
    low, high = score.interval
    half = (high - low) / 2
    images = count(score.n, f"{split} image")
    known = f"With {images} the accuracy is known to within {points(half)} points"
    if half <= ROUGH:
        return Check("Enough images?", "good", f"{known} (95 % interval).")
    return Check(
        "Enough images?",
        "look",
        f"{known} (95 % interval): a difference to another run that is smaller may be chance. "
        f"Four times as many images halve it.",
    )


def _small_classes(val: Score) -> Iterator[Check]:
    few = sum(row.n < FEW for row in val.per_class)
    if few:
        yield Check(
            "Enough of each class?",
            "look",
            f"{count(few, 'class has', 'classes have')} fewer than {FEW} val images: their own "
            f"figures say little.",
        )


def _no_copies(manifest: Manifest) -> Check:
    """Compare the bytes of the files; what only looks alike is for the audit."""
    question = "No image in two splits?"
    learned = {sample.sha256 for sample in manifest.samples if sample.split == "train"}
    others = [sample for sample in manifest.samples if sample.split != "train"]
    if "" in learned:
        return Check(question, "unknown", "The files were not compared. Run imgclass audit.")
    copies = sum(sample.sha256 in learned for sample in others)
    if copies:
        return Check(
            question,
            "look",
            f"{count(copies, 'image')} of val and test {'is' if copies == 1 else 'are'} also in "
            f"train, byte for byte: the accuracy is too high. Remove them: imgclass audit lists "
            f"them.",
        )
    return Check(
        question,
        "good",
        "No file of val or test is also in train. Pictures that only look alike: imgclass audit.",
    )


def _free_of_choices(evaluation: Evaluation) -> Check:
    """Compare val, by which the best epoch was chosen, with test, by which nothing was."""
    question, val, test = "Free of choices?", evaluation.val, evaluation.test
    if test is None:
        return Check(
            question,
            "unknown",
            "The data set has no test split, so nothing here is free of the choices made on val.",
        )
    gap = val.accuracy - test.accuracy
    low, high = newcombe_interval((val.accuracy, test.accuracy), (val.interval, test.interval))
    figures = f"val minus test is {points(gap)} points ({points(low)} to {points(high)})"
    if low > 0:
        return Check(
            question,
            "look",
            f"Test is lower: {figures}. Choices made on val were partly luck, or the test images "
            f"are of another kind. Believe test.",
        )
    return Check(
        question, "good", f"Nothing was chosen by test, and it agrees with val: {figures}."
    )


def _looks(run: Run, evaluation: Evaluation) -> Iterator[Check]:
    if evaluation.test is None:
        return
    try:
        looks = len(read_looks(run.path))
    except (OSError, ValueError):
        yield Check("Test looked at once?", "unknown", "The record of looks cannot be read.")
        return
    if looks >= MANY:
        yield Check(
            "Test looked at once?",
            "look",
            f"Its test score was compared with those of other runs {looks} times. What is chosen "
            f"that way has a test accuracy that is too high.",
        )
    else:
        times = "once" if looks else "never"
        yield Check(
            "Test looked at once?",
            "good",
            f"Its test score was {times} compared with those of other runs (imgclass compare).",
        )


def _better_than_guessing(val: Score) -> Check:
    guess = guess_of(val)
    words = f"Always naming the most frequent class would score {percent(guess)} on val"
    if val.interval[0] > guess:
        return Check("Better than guessing?", "good", f"{words}.")
    return Check("Better than guessing?", "look", f"{words}: this run is not told apart from that.")


def _honest_probabilities(calibration: Calibration) -> Check:
    low, high = calibration.interval
    error = (
        f"On val they are off by {points(calibration.ece)} points on average "
        f"({points(low)} to {points(high)})"
    )
    if calibration.ece <= TOO_SURE:
        return Check("Honest probabilities?", "good", f"{error}.")
    if low <= TOO_SURE:
        return Check("Honest probabilities?", "unknown", f"{error}, which may be chance.")
    sure = "too sure" if calibration.excess > 0 else "not sure enough"
    return Check("Honest probabilities?", "look", f"{error}: the model is {sure} of itself.")
