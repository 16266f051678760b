"""What may be the matter with the data: classes in another order, copies, images of one colour."""

from collections.abc import Mapping

from imgclass.data.manifest import Split
from imgclass.diagnosis.causes import blocking_cause, reordered_accuracy
from imgclass.diagnosis.diagnosis import Finding
from imgclass.diagnosis.evidence import Evidence
from imgclass.diagnosis.imbalance import majority_share
from imgclass.diagnosis.interpretation import failures, has_reached, in_words, stake
from imgclass.evaluation import ConstantImages, Score
from imgclass.formatting import count

LEAST_COPIES = 0.01  # of the val images
# Images of one colour: this share of a split, and at least so many; or all images of a class that
# has at least a few. If they are this share, no figure means anything.
LEAST_PLAIN, FEWEST_PLAIN, WHOLE_CLASS, MOST_PLAIN = 0.01, 5, 3, 0.5
SHOWN = 5


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


def constant_images(evidence: Evidence) -> Finding | None:
    """Images of train or val are of one colour, so that there is nothing to learn from them."""
    found: dict[Split, ConstantImages] = {
        split: images for split, images in evidence.constant.items() if split != "test"
    }
    many = {
        split: images
        for split, images in found.items()
        if images.count >= max(FEWEST_PLAIN, LEAST_PLAIN * images.n)
    }
    whole = _plain_classes(found)
    if not many and not whole:
        return None
    seen = [
        f"{count(images.count, f'{split} image')} of {images.n:,} ({images.count / images.n:.1%})"
        for split, images in many.items()
    ]
    sentences = [f"{' and '.join(seen)} are of one colour, or nearly."] if seen else []
    if whole:
        names = ", ".join(whole[:SHOWN]) + (", ..." if len(whole) > SHOWN else "")
        sentences.append(f"All images of {names} are of one colour.")
    return Finding(
        name="constant_images",
        severity=_plain_stake(found, evidence),
        explanation=" ".join(sentences),
        advice=(
            "Look at them: imgclass audit shows them as blank.",
            "Frequent reasons: failed downloads, masks instead of images, crops beside the object.",
            "Remove them or load them again, and train again.",
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
    plain = evidence.constant.get("val")
    if plain and plain.count >= len(copies) and constant_images(evidence):
        return None  # images of one colour are equal without being copies
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


def _plain_classes(found: Mapping[Split, ConstantImages]) -> list[str]:
    """Return the classes all of whose images are of one colour, in some split."""
    return sorted(
        {
            name
            for images in found.values()
            for name, (plain, all_) in images.by_class.items()
            if plain == all_ >= WHOLE_CLASS
        }
    )


def _plain_stake(found: Mapping[Split, ConstantImages], evidence: Evidence) -> float:
    """Return the accuracy that is lost at most: of equal images, only one class can be right."""
    if not has_reached(evidence) and any(
        images.count >= MOST_PLAIN * images.n and len(images.by_class) > 1
        for images in found.values()
    ):
        return 1.0
    lost = max(images.lost for images in found.values())
    return stake(min(lost, 1 - evidence.val.accuracy) if evidence.val else lost)
