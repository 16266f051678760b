"""What levers advise: sentences, and experiments that say what would show them wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from imgclass.diagnosis.diagnosis import Recommendation
from imgclass.diagnosis.evidence import Evidence
from imgclass.diagnosis.levers.lever import Lever, name_of

# The advice of a lever where no value is known.
IN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "deepen": "Make the network deeper by one stage or one layer.",
        "widen": "Make the network wider: double its filters or units.",
        "unfreeze": "If a pretrained backbone is frozen, let it learn.",
        "train_longer": "Train for twice as many epochs.",
        "measure_rate": "Measure which learning rate suits the model (imgclass train --find-rate).",
        "weigh_classes": "Weigh the classes in the loss, so that rare ones count as much.",
        "sample_evenly": "Show every class equally often.",
        "anneal": "Let the learning rate come down to zero by the last epoch.",
        "lower_learning_rate": "Lower the learning rate by a factor of ten.",
        "leave_float16": "If it computes in float16, compute in float32.",
        "augment_more": "Raise the augmentation by one step: stronger shifts, zoom and rotation.",
        "augment_more_for_longer": "Raise the augmentation by one step, and double the epochs.",
        "augment_less": "Lower the augmentation by one step.",
        "drop_more": "Raise the dropout by one step: to 0.2, then 0.35, then 0.5.",
        "drop_less": "Lower the dropout by one step.",
        "penalize_more": "Raise the L2 penalty by one step: to 1e-4, then 5e-4, then 1e-3.",
        "penalize_less": "Lower the L2 penalty by one step.",
    }
)

_FITS_MORE = "Wrong if the train accuracy does not rise."
_HOLDS_BACK = "Wrong if val does not rise although the gap to train shrinks."
_LONGER = "Wrong if neither the train nor the val accuracy rises with the further epochs."
_LEARNS = "Wrong if the loss on train still does not fall below that of guessing."
_FINDS_RARE = "Wrong if the rare classes are found no more often on val."

# What would show that a lever was the wrong one.
FALSIFIERS: Mapping[str, str] = MappingProxyType(
    {
        "deepen": _FITS_MORE,
        "widen": _FITS_MORE,
        "unfreeze": _FITS_MORE,
        "augment_less": _FITS_MORE,
        "drop_less": _FITS_MORE,
        "penalize_less": _FITS_MORE,
        "restore_usual": _FITS_MORE,
        "usual_size": _FITS_MORE,
        "augment_more": _HOLDS_BACK,
        "augment_more_for_longer": _HOLDS_BACK,
        "augment_without_mirroring": _HOLDS_BACK,
        "augment_more_for_usual_epochs": _HOLDS_BACK,
        "augment_without_mirroring_for_usual_epochs": _HOLDS_BACK,
        "drop_more": _HOLDS_BACK,
        "penalize_more": _HOLDS_BACK,
        "train_longer": _LONGER,
        "train_as_usual": _LONGER,
        "anneal": "Wrong if the val accuracy does not rise in the last epochs.",
        "measure_rate": _LEARNS,
        "lower_learning_rate": _LEARNS,
        "leave_float16": "Wrong if the loss becomes infinite all the same.",
        "weigh_classes": _FINDS_RARE,
        "weigh_classes_for_usual_epochs": _FINDS_RARE,
        "sample_evenly": _FINDS_RARE,
    }
)


def advise(
    levers: Iterable[Lever], evidence: Evidence
) -> tuple[tuple[str, ...], tuple[Recommendation, ...]]:
    """Return the levers' advice, each once: sentences and experiments.

    If the experiment is unknown there are only sentences, and they name no values.
    """
    distinct = {name_of(lever): lever for lever in levers}
    if evidence.experiment is None:
        return tuple(IN_WORDS[name] for name in distinct if name in IN_WORDS), ()
    offered = tuple(
        replace(recommendation, lever=name, falsifier=FALSIFIERS.get(name, ""))
        for name, lever in distinct.items()
        if (recommendation := lever(evidence.experiment, evidence.history))
    )
    return tuple(recommendation.sentence for recommendation in offered), offered
