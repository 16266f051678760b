"""The built-in rules: a small pure function for each verdict, in the order in which causes go.

1. `data`: classes in another order, images of one colour, copies in two splits, labels without a
   signal.
2. `optimisation`: training failed, was cut off, or the model computes something else in evaluation.
3. `gaps`: too much regularisation, bias, variance, mismatch, val overfitted by choosing.
4. `classes`: what the largest class hides, starved and confused classes.
5. `predictions`: wrong labels, and probabilities that are not right as often as they say.
6. `goal`: good enough, within noise, too few val images.

Bias and variance are read as in Ng, *Machine Learning Yearning* (2018), chapters 20 to 27, 40 and
41: the avoidable bias is target minus train accuracy, the variance is train minus val accuracy (or
minus train-dev accuracy, and what is left to val is mismatch).

How the verdicts exclude each other:

- A cause of `causes.blocking_cause` is reported alone: after it no gap means anything.
- `still_improving` and `over_regularised` explain a bias, so `high_bias` is silent beside them.
- After fewer epochs than any training takes, guessing is `still_improving`; neither
  `optimisation_failure` nor `no_signal` is said of it.
- From then on a network with fewer filters than classes has `high_bias`, however many epochs are
  usual: it gets the usual size first.
- `majority_baseline` is silent beside `starved_classes`, `still_improving` and `over_regularised`,
  which say why.
- If val is at the target, not by its largest class alone, and every class is found, the verdict is
  `good_enough`, and no rule looks for a gap.
- Otherwise a gap whose whole interval lies above the tolerance is `high_bias` or `high_variance`,
  or both. If val certainly misses the target but neither gap is certain by itself, the larger one
  is named.
- `within_noise` says that the val images are too few to decide a question. It is the only verdict
  if val may be at the target, and a second one if it makes another less certain.

So complete evidence gives at least one finding. A rule that lacks a part it needs returns None.
"""

from imgclass.diagnosis.rules.classes import (
    confused_classes,
    majority_baseline,
    starved_classes,
)
from imgclass.diagnosis.rules.data import class_order, constant_images, leak, no_signal
from imgclass.diagnosis.rules.gaps import (
    high_bias,
    high_variance,
    mismatch,
    over_regularised,
    val_overfit,
)
from imgclass.diagnosis.rules.goal import few_val_images, good_enough, within_noise
from imgclass.diagnosis.rules.optimisation import (
    mode_defect,
    optimisation_failure,
    still_improving,
)
from imgclass.diagnosis.rules.predictions import label_errors, miscalibrated

__all__ = [
    "class_order",
    "confused_classes",
    "constant_images",
    "few_val_images",
    "good_enough",
    "high_bias",
    "high_variance",
    "label_errors",
    "leak",
    "majority_baseline",
    "miscalibrated",
    "mismatch",
    "mode_defect",
    "no_signal",
    "optimisation_failure",
    "over_regularised",
    "starved_classes",
    "still_improving",
    "val_overfit",
    "within_noise",
]
