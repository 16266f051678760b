"""The part of a model that still has to be computed, fed by the features of the frozen part."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import keras

from imgclass.features.computation import UnsuitedError
from imgclass.features.feature_flow import FeatureFlow
from imgclass.features.keeper import EPOCH, FeatureKeeper, kept_cut
from imgclass.features.prefix import after, cuts
from imgclass.flows.flow import Flow, Flows

# Of each augmented image so many versions are kept: each costs a pass of the frozen layers.
VIEWS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A model and the flows that feed it: the whole model and images, or its end and features."""

    model: keras.Model
    flows: Flows


def learning_part(
    model: keras.Model,
    flows: Flows,
    *,
    epochs: int,
    shows_progress: bool = False,
    check: Callable[[], None] = lambda: None,
) -> Part:
    """Return the part of `model` that learns, fed by the features of the frozen layers before it.

    These are computed here, once, and kept in `flows.features`. Of augmented images there are
    those of the first four epochs, used in turns. The part is the whole model if nothing is
    frozen, or if an epoch draws images several times or mixes their labels.

    Args:
        model: The part shares its layers.
        flows: Of images.
        epochs: For which the part will be trained.
        shows_progress: Whether to show a bar on standard error.
        check: Called after each batch; an error that it raises ends the computation.
    """
    cut = next(cuts(model), None)
    if cut is None or not all(map(_names_its_images, (flows.train_augmented, flows.val))):
        return Part(model, flows)
    end = after(model, cut)
    if list(map(id, end.trainable_variables)) != list(map(id, model.trainable_variables)):
        return Part(model, flows)  # the optimizer's averages go by this order
    keeper = FeatureKeeper(model, cut, flows, shows_progress=shows_progress, check=check)
    keeper.forget_others()
    augmented = flows.train_augmented
    if getattr(augmented, "is_augmented", True):
        wanted = {f"{EPOCH}{epoch}": augmented for epoch in range(min(VIEWS, epochs))}
    else:
        wanted = {"train": flows.train}
    try:
        val, *views = keeper.keep({"val": flows.val} | wanted).values()
    except UnsuitedError:
        return Part(model, flows)
    fed = replace(
        flows, train_augmented=FeatureFlow(augmented, views), val=FeatureFlow(flows.val, [val])
    )
    return Part(end, fed)


def scoring_part(model: keras.Model, flows: Flows, *, shows_progress: bool = False) -> Part:
    """Return the end of `model` after the layers whose features `learning_part` has kept.

    Those of the other splits are computed now. It is the whole model if none were kept for these
    weights.
    """
    cut = kept_cut(model, flows)
    if cut is None:
        return Part(model, flows)
    splits = {"train": flows.train, "val": flows.val, "test": flows.test}
    clean = {name: flow for name, flow in splits.items() if flow is not None}
    keeper = FeatureKeeper(model, cut, flows, shows_progress=shows_progress)
    try:
        features = keeper.keep(clean)
    except UnsuitedError:
        return Part(model, flows)
    fed = {name: FeatureFlow(clean[name], [array]) for name, array in features.items()}
    return Part(after(model, cut), replace(flows, **fed))


def _names_its_images(flow: Flow) -> bool:
    return hasattr(flow, "batch_paths") and len(set(flow.paths)) == len(flow.paths)
