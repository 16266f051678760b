"""Checks that each knob that the Diagnoser turns does what its name says."""

from collections.abc import Callable, Mapping

import keras

from imgclass.errors import UsageError
from imgclass.models.spec import Knob
from imgclass.testing.subject import ConformanceError, Subject, expect

# Some depths come in steps, such as the 6n + 2 of residual networks.
LARGEST_STEP = 12


def more_depth_is_more_layers(subject: Subject) -> None:
    """At the next depth that it accepts, it has more layers with weights."""
    depth = subject.info.depth or 1
    for deeper in range(depth + 1, depth + 1 + LARGEST_STEP):
        try:
            model = subject.build(depth=deeper)
        except UsageError:
            continue
        fewer, more = map(_layers_with_weights, (subject.model(), model))
        expect(
            more > fewer,
            f"Expected more layers with weights at depth={deeper} than at depth={depth}; "
            f"received {more} and {fewer}.",
        )
        return
    raise ConformanceError(
        f"Expected a depth above {depth} to be accepted; all up to {deeper} are refused."
    )


def more_width_is_more_weights(subject: Subject) -> None:
    """At twice the width, it has more weights."""
    width = subject.spec().width or 1
    fewer, more = (m.count_params() for m in (subject.model(), subject.build(width=2 * width)))
    expect(
        more > fewer,
        f"Expected more weights at width={2 * width} than at width={width}; "
        f"received {more:,} and {fewer:,}.",
    )


def more_dropout_is_more_dropout(subject: Subject) -> None:
    """The sum of its layers' dropout rates rises with the rate, from 0 on."""
    models = subject.model(), *(subject.build(dropout=rate) for rate in (0.3, 0.6))
    rates = list(map(_total_rate, models))
    expect(
        rates[0] < rates[1] < rates[2],
        f"Expected rates of dropout layers that rise with dropout=0, 0.3, 0.6; received {rates}.",
    )


def more_l2_is_more_penalty(subject: Subject) -> None:
    """The penalty on its weights rises with the factor, from none at 0."""
    models = subject.model(), *(subject.build(l2=factor) for factor in (0.01, 0.02))
    penalties = [float(sum(model.losses)) for model in models]
    expect(
        penalties[0] == 0 and 0 < penalties[1] < penalties[2],
        f"Expected penalties that rise from 0 with l2=0, 0.01, 0.02; received {penalties}.",
    )


KNOB_CHECKS: Mapping[Knob, Callable[[Subject], None]] = {
    "depth": more_depth_is_more_layers,
    "width": more_width_is_more_weights,
    "dropout": more_dropout_is_more_dropout,
    "l2": more_l2_is_more_penalty,
}


def _layers_with_weights(model: keras.Model) -> int:
    return sum(bool(layer.weights) for layer in model.layers)


def _total_rate(model: keras.Model) -> float:
    rates = (getattr(layer, "rate", 0) for layer in model.layers)
    return sum(float(rate) for rate in rates if isinstance(rate, int | float))
