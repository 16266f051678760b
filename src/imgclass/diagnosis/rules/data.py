"""What may be the matter with the data: the order of classes, copies, labels without a signal."""

from imgclass.diagnosis.causes import blocking_cause, majority_share, reordered_accuracy
from imgclass.diagnosis.diagnosis import Finding
from imgclass.diagnosis.evidence import Evidence
from imgclass.diagnosis.interpretation import failures, in_words
from imgclass.evaluation import Score
from imgclass.formatting import count

LEAST_COPIES = 0.01  # of the val images


def class_order(evidence: Evidence) -> Finding | None:
    """The classes of val are numbered in another order than those of train."""
    val, train = evidence.val, evidence.train
    if blocking_cause(evidence) != "class_order" or val is None or train is None:
        return None
    fitting = reordered_accuracy(evidence)
    return Finding(
        name="class_order",
        severity=1.0,
        explanation=(
            f"The val accuracy is {in_words(val)}, far below the train accuracy of "
            f"{train.accuracy:.3f}. With the classes of val in another order it is {fitting:.3f}."
        ),
        advice=(
            "Give the same class_names to every split (classes= in flow_from_directory).",
            "If one split lacks a class, Keras gives other numbers to all that follow it.",
            "Score again then; no other figure means anything before.",
        ),
    )


def no_signal(evidence: Evidence) -> Finding | None:
    """The labels have nothing to do with the images, as far as the network can see."""
    val, train = evidence.val, evidence.train
    if blocking_cause(evidence) != "no_signal" or val is None or train is None:
        return None
    if failures(evidence):
        seen = (
            "Nothing was learned of all training images, and the same network learns a few of "
            "them by heart: so the training is sound."
        )
    else:
        seen = (
            f"The network learned its training images (accuracy {train.accuracy:.3f}), and nothing "
            f"that holds for others: the val accuracy is {in_words(val)}."
        )
    return Finding(
        name="no_signal",
        severity=1.0,
        explanation=f"{seen} Always naming the largest class scores {_majority(evidence)}.",
        advice=(
            "Look at images beside their labels: a shifted or shuffled column looks like this.",
            "If the labels are right, the images may not show what they say.",
        ),
    )


def leak(evidence: Evidence) -> Finding | None:
    """Files of val are copies of files of train."""
    if evidence.manifest is None:
        return None
    known = {sample.sha256 for sample in evidence.manifest.of("train")}
    val = evidence.manifest.of("val")
    copies = [sample.path for sample in val if sample.sha256 in known]
    if not val or len(copies) < LEAST_COPIES * len(val):
        return None
    share = len(copies) / len(val)
    return Finding(
        name="leak",
        severity=share,
        explanation=(
            f"{count(len(copies), 'val image')} of {len(val):,} ({share:.1%}) are also among the "
            f"train images, byte for byte, such as {copies[0]}. The val accuracy is too high by "
            f"what was learned of them by heart."
        ),
        advice=(
            "Split again: imgclass organize, or train on class folders, keeps copies together.",
            "imgclass audit lists them, near-duplicates too.",
        ),
    )


def _majority(evidence: Evidence) -> str:
    assert isinstance(evidence.val, Score), "the cause was read from its confusion"
    return f"{majority_share(evidence.val):.3f}"
