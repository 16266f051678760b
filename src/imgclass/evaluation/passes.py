"""Clean passes over every split: the final weights, without augmentation and dropout."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from imgclass.data.manifest import Split
from imgclass.errors import TrainingError
from imgclass.evaluation.constant_images import are_plain, constant_among, look_at_sample
from imgclass.evaluation.evaluation import Evaluation, prediction_table
from imgclass.evaluation.mirror_images import mirror_sample
from imgclass.evaluation.score import Score, confusion_of
from imgclass.flows.failures import raising_failures
from imgclass.flows.flow import Flow, Flows
from imgclass.models.mirror_averaging import average_mirrored

# Keras's own floor in cross-entropy: a probability of 0 would make the mean infinite.
EPSILON = 1e-7

Predict = Callable[[Any], Any]


def evaluate(model: Any, flows: Flows, *, tta: bool = False) -> Evaluation:
    """Score `model` on the clean splits of `flows`.

    Args:
        model: A `keras.Model` that gives `len(flows.class_names)` probabilities.
        flows: What `open_flows` returned; `train_augmented` is not read.
        tta: Also score predictions averaged over an image and its mirror image.

    Raises:
        TrainingError: The model gives probabilities that are not finite.

    Example:
        >>> from pathlib import Path
        >>> from types import SimpleNamespace
        >>> class Batches(list):
        ...     paths = (Path("data/1.png"), Path("data/2.png"))
        >>> batches = Batches([(np.array([[0.9, 0.1], [0.6, 0.4]]), np.eye(2))])
        >>> flows = Flows(batches, batches, batches, None, ("cat", "dog"), (1, 1), Path("data"))
        >>> echo = SimpleNamespace(predict_on_batch=lambda images: images)
        >>> evaluate(echo, flows).val.accuracy
        0.5
    """
    splits = _splits(flows)
    with raising_failures(*splits.values()):
        predict, fed = _without_frozen_layers(model, flows)
        plain = {split: _predict_split(predict, flow, split) for split, flow in fed.items()}
        averaged = {}
        if tta:
            average = partial(average_mirrored, model.predict_on_batch)
            averaged = {s: _predict_split(average, flow, s) for s, flow in splits.items()}
        constant = {
            split: constant_among(found.labels, found.is_plain, flows.class_names)
            if fed[split] is splits[split]
            else look_at_sample(splits[split], flows.class_names)
            for split, found in plain.items()
        }
        is_whole = fed["val"] is splits["val"]  # with features kept, a whole pass would take long
        mirror_images = mirror_sample(predict, flows.val) if is_whole else None
    scores = {split: _score(found, flows.class_names) for split, found in plain.items()}
    tables = [_table(found, split, splits[split], flows) for split, found in plain.items()]
    return Evaluation(
        train=scores["train"],
        val=scores["val"],
        test=scores.get("test"),
        predictions=pd.concat(tables, ignore_index=True),
        probabilities={s: plain[s].probabilities for s in plain if s != "train"},
        mirrored={split: _score(found, flows.class_names) for split, found in averaged.items()},
        constant=constant,
        mirror_images=mirror_images,
    )


def _splits(flows: Flows) -> dict[Split, Flow]:
    flow: dict[Split, Flow | None] = {"train": flows.train, "val": flows.val, "test": flows.test}
    return {split: clean for split, clean in flow.items() if clean is not None}


def _without_frozen_layers(model: Any, flows: Flows) -> tuple[Predict, dict[Split, Flow]]:
    """Return what predicts, and from which flows: from features where training kept them."""
    if flows.features:
        from imgclass.features import scoring_part

        part = scoring_part(model, flows)
        model, flows = part.model, part.flows
    return model.predict_on_batch, _splits(flows)


class _Predicted(NamedTuple):
    """Predictions for the images of one split: arrays `(n,)`, the last `(n, classes)`.

    `is_plain` is whether an image is of one colour.
    """

    labels: npt.NDArray[np.int64]
    predicted: npt.NDArray[np.int64]
    probability: npt.NDArray[np.float32]
    label_probability: npt.NDArray[np.float32]
    is_plain: npt.NDArray[np.bool_]
    probabilities: npt.NDArray[np.float32]


def _predict_split(predict: Predict, flow: Flow, split: Split) -> _Predicted:
    batches = (_predict_batch(predict, *flow[index], split) for index in range(len(flow)))
    return _Predicted(*map(np.concatenate, zip(*batches, strict=True)))


def _predict_batch(
    predict: Predict, images: npt.NDArray[Any], one_hot: npt.NDArray[np.float32], split: Split
) -> _Predicted:
    probabilities = np.asarray(predict(images))
    if not np.isfinite(probabilities).all():
        raise TrainingError(
            f"Expected finite probabilities for the {split} images; received NaN or infinity. "
            f"The model's weights are not usable: train again with a lower learning rate."
        )
    labels, predicted = one_hot.argmax(axis=1), probabilities.argmax(axis=1)
    each = np.arange(len(labels))
    return _Predicted(
        labels,
        predicted,
        probabilities[each, predicted],
        probabilities[each, labels],
        are_plain(np.asarray(images)),
        # Train images may be very many, and these are not used.
        probabilities if split != "train" else probabilities[:0],
    )


def _score(found: _Predicted, class_names: tuple[str, ...]) -> Score:
    loss = float(-np.log(np.maximum(found.label_probability, EPSILON)).mean())
    return Score(class_names, confusion_of(found.labels, found.predicted, len(class_names)), loss)


def _table(found: _Predicted, split: Split, flow: Flow, flows: Flows) -> pd.DataFrame:
    names = np.asarray(flows.class_names, dtype=object)
    paths = [path.relative_to(flows.root).as_posix() for path in flow.paths]
    shares = found.probability, found.label_probability
    return prediction_table(paths, split, names[found.labels], names[found.predicted], *shares)
