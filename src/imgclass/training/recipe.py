"""From a TrainingConfig to Keras's optimizer and learning-rate schedule."""

import keras

from imgclass.training.config import TrainingConfig

# Adam's rate is Keras's and the paper's default (Kingma and Ba, 2014); SGD's is the usual one for
# networks with batch normalisation (He et al., *Deep Residual Learning*, 2015).
LEARNING_RATES = {"adam": 1e-3, "sgd": 0.1}
MOMENTUM = 0.9
# Share of the steps in which one_cycle climbs to its peak (Smith and Topin, *Super-Convergence*,
# 2017, climb for about a third; 0.2 is airbench's).
WARM_UP = 0.2

# Small data sets need steps more than smooth gradients (Masters and Luschi, *Revisiting Small Batch
# Training*, 2018); large ones are limited by arithmetic, which wants large batches.
BATCH_SIZES = (256, 128, 64, 32)
STEPS_AN_EPOCH = 100


def make_optimizer(config: TrainingConfig, *, total_steps: int) -> keras.optimizers.Optimizer:
    """Return the optimizer of `config` for a training of `total_steps` batches.

    Example:
        >>> type(make_optimizer(TrainingConfig(optimizer="sgd"), total_steps=100)).__name__
        'SGD'
    """
    rate = make_schedule(config, total_steps=total_steps)
    decay = config.weight_decay or None
    if config.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=MOMENTUM, nesterov=True, weight_decay=decay)
    return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)


def make_schedule(
    config: TrainingConfig, *, total_steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Return the learning rate, or its schedule over `total_steps` batches.

    `one_cycle` climbs linearly to the peak and falls to zero along a cosine.
    """
    peak = config.learning_rate or LEARNING_RATES[config.optimizer]
    if config.schedule == "constant":
        return peak
    climb = max(1, round(WARM_UP * total_steps))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=max(1, total_steps - climb),
        warmup_target=peak,
        warmup_steps=climb,
    )


def choose_batch_size(num_images: int) -> int:
    """Return the largest usual batch size that leaves about 100 steps a pass over `num_images`.

    Example:
        >>> choose_batch_size(1_400), choose_batch_size(45_000)
        (32, 256)
    """
    fitting = (size for size in BATCH_SIZES if num_images >= size * STEPS_AN_EPOCH)
    return next(fitting, BATCH_SIZES[-1])
