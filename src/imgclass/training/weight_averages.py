"""Moving averages of an optimizer's weights, which soon forget the first ones."""

from typing import Any

from keras import ops


class WarmAverages:
    """Makes the averages of a Keras optimizer with `use_ema` warm up; put it before its class.

    Step `t`, from 0, mixes `m * average + (1 - m) * weights` with `m` the smaller of `ema_momentum`
    and `(1 + t) / (10 + t)`, so that the averages never span more than about a tenth of the steps
    so far. With the constant momentum of Keras, those of a short training would be mostly the
    weights of its first steps. `tf.train.ExponentialMovingAverage` with `num_updates` does this.

    Sources: Polyak and Juditsky, *Acceleration of Stochastic Approximation by Averaging*, 1992;
    Izmailov et al., *Averaging Weights Leads to Wider Optima and Better Generalization*, 2018.
    """

    iterations: Any

    @property
    def ema_momentum(self) -> Any:
        """The momentum of the step that runs."""
        steps = ops.cast(self.iterations, "float32")
        return ops.minimum(self._highest_momentum, (1.0 + steps) / (10.0 + steps))

    @ema_momentum.setter
    def ema_momentum(self, value: float) -> None:
        self._highest_momentum = value

    def get_config(self) -> dict[str, Any]:
        """Return the options, with the momentum that was asked for."""
        options: dict[str, Any] = super().get_config()  # type: ignore[misc]  # the optimizer's
        return options | {"ema_momentum": self._highest_momentum}
