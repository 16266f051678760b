"""What a model scores on labelled images, of whichever folder."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from imgclass.data.dataset.record import file_sha256
from imgclass.data.manifest import Split
from imgclass.errors import ImageError
from imgclass.evaluation.calibration import Calibration, calibrate
from imgclass.evaluation.score import Score, confusion_of
from imgclass.formatting import count
from imgclass.serving.classifier import Classifier
from imgclass.serving.labelled_images import LabelledImages
from imgclass.serving.prediction import Prediction
from imgclass.statistics import Interval, wilson_interval

EPSILON = (
    1e-7  # Keras's own floor in cross-entropy: a probability of 0 would make the mean infinite
)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of images, in 0-1, with its 95 % Wilson interval; None of both if there are none."""

    value: float | None
    interval: Interval | None

    @classmethod
    def of(cls, hits: int, n: int) -> "Rate":
        """Return the share of `hits` among `n`."""
        return cls(hits / n, wilson_interval(hits, n)) if n else cls(None, None)


@dataclass(frozen=True, slots=True)
class ClassRates:
    """How well one class is recognised.

    Attributes:
        name: The class.
        n: Images of it.
        recall: Share of them that were predicted as it.
        precision: Share of the images predicted as it that are of it.
    """

    name: str
    n: int
    recall: Rate
    precision: Rate


@dataclass(frozen=True, slots=True, repr=False)
class FolderScore:
    """What a model scores on the labelled images of a folder.

    Attributes:
        root: The folder.
        split: The split of it that was scored; None if it has none.
        score: Accuracy with its interval, confusion, loss.
        calibration: How far the probabilities are from how often they are right.
        unread: The images that could not be read; they do not count.
        unknown: Number of images of each class that the model does not know; they do not count.
        learned: Number of scored images that the model was trained with.

    Example:
        >>> score = Score(class_names=("cat", "dog"), confusion=((8, 2), (0, 0)), loss=0.4)
        >>> calibration = calibrate(np.full(10, 0.9), np.arange(10) < 8)
        >>> scored = FolderScore(Path("new"), None, score, calibration)
        >>> scored
        <FolderScore new: 80.0 % (49.0 to 94.3 %) of 10 images>
        >>> scored.balanced_accuracy, scored.absent
        (0.8, ('dog',))
    """

    root: Path
    split: Split | None
    score: Score
    calibration: Calibration
    unread: tuple[Prediction, ...] = ()
    unknown: Mapping[str, int] = field(default_factory=dict)
    learned: int = 0

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the classes that have images, in 0-1: each class counts the same."""
        recalls = [one.recall.value for one in self.per_class if one.recall.value is not None]
        return sum(recalls) / len(recalls)

    @property
    def per_class(self) -> tuple[ClassRates, ...]:
        """Recall and precision of each class, with intervals."""
        confusion = np.array(self.score.confusion)
        hits, n, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
        return tuple(
            ClassRates(name, all_, Rate.of(hit, all_), Rate.of(hit, said))
            for name, hit, all_, said in zip(
                self.score.class_names, hits.tolist(), n.tolist(), predicted.tolist(), strict=True
            )
        )

    @property
    def absent(self) -> tuple[str, ...]:
        """The model's classes that have no image here."""
        return tuple(one.name for one in self.per_class if not one.n)

    def __repr__(self) -> str:
        return f"<FolderScore {self.root}: {self.score} of {count(self.score.n, 'image')}>"


def score_images(
    classifier: Classifier,
    images: LabelledImages,
    *,
    learned: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> FolderScore:
    """Score a classifier on labelled images, whichever data set it was trained on.

    Args:
        classifier: `run.classifier`, or from `Classifier.load`.
        images: From `labelled_images`; those of classes that the model does not know are left out.
        learned: SHA-256 of each file that the model was trained with, to count those among the
            images.
        progress: Called with the number of images that are done, and of all.

    Raises:
        DatasetError: The model knows none of the classes.
        ImageError: No image can be read.
        RunError: The model cannot be loaded.

    Example:
        >>> classifier = Classifier(Path("no/model.keras"), ("cat", "dog"), (32, 32))
        >>> score_images(classifier, LabelledImages(Path("new"), None, ("owl/1.png",), ("owl",)))
        Traceback (most recent call last):
        imgclass.errors.DatasetError: Expected images of the classes that the model knows, ...
    """
    place = {name: i for i, name in enumerate(classifier.class_names)}
    unknown = images.unknown(classifier.class_names)
    known = [
        (images.root / path, place[label])
        for path, label in zip(images.paths, images.labels, strict=True)
        if label in place
    ]
    if not known:
        images.require_known(classifier.class_names)
    found = _Found()
    predictions = classifier.predict_each(path for path, _ in known)
    for done, ((path, truth), prediction) in enumerate(zip(known, predictions, strict=True), 1):
        found.add(prediction, truth)
        if learned and not prediction.error:
            found.learned += file_sha256(path) in learned
        if progress:
            progress(done, len(known))
    if not found.truths:
        raise ImageError(
            f"None of the {len(known):,} images could be read. {found.unread[0].error}"
        )
    truths, guesses = np.array(found.truths), np.array(found.guesses)
    loss = float(-np.log(np.maximum(found.of_truth, EPSILON)).mean())
    return FolderScore(
        root=images.root,
        split=images.split,
        score=Score(classifier.class_names, confusion_of(truths, guesses, len(place)), loss),
        calibration=calibrate(np.array(found.of_guess), truths == guesses),
        unread=tuple(found.unread),
        unknown=unknown,
        learned=found.learned,
    )


@dataclass(slots=True)
class _Found:
    """What was predicted so far: classes as indices, probabilities of the predicted and the true.

    Of each image only four numbers are kept, so that there may be very many.
    """

    truths: list[int] = field(default_factory=list)
    guesses: list[int] = field(default_factory=list)
    of_guess: list[float] = field(default_factory=list)
    of_truth: list[float] = field(default_factory=list)
    unread: list[Prediction] = field(default_factory=list)
    learned: int = 0

    def add(self, prediction: Prediction, truth: int) -> None:
        """Add the prediction of an image of the class `truth`."""
        if prediction.error:
            self.unread.append(prediction)
            return
        scores = prediction.probabilities
        self.truths.append(truth)
        self.guesses.append(int(scores.argmax()))
        self.of_guess.append(float(scores.max()))
        self.of_truth.append(float(scores[truth]))
