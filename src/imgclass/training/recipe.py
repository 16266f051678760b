"""From a TrainingConfig to Keras's optimizer and learning-rate schedule."""

from dataclasses import replace

import keras

from imgclass.models.spec import Optimizer
from imgclass.training.config import TrainingConfig
from imgclass.training.muon import Muon

# The rate of Keras and of the paper (Kingma and Ba, *Adam*, 2014).
ADAM_RATE = 1e-3
# For 256 images a step, and in proportion for others (Goyal et al., *Accurate, Large Minibatch
# SGD*, 2017).
SGD_RATE, SGD_BATCH = 0.2, 256
# The angle, in radians, by which a step turns a filter of length 1 at the peak of the schedule.
MUON_RATE = 0.16
MOMENTUM = 0.9
# Large steps would undo what the backbone knows: a tenth of the rate is the usual remedy (Girshick
# et al., *Rich Feature Hierarchies*, 2014).
FINE_TUNING_STEP = 10
# Share of the steps in which one_cycle climbs to its peak (Smith and Topin, *Super-Convergence*,
# 2017, climb for about a third; 0.2 is airbench's).
WARM_UP = 0.2

# Small data sets need steps more than smooth gradients (Masters and Luschi, *Revisiting Small Batch
# Training*, 2018); large ones are limited by arithmetic, which wants large batches.
BATCH_SIZES = (256, 128, 64, 32)
STEPS_AN_EPOCH = 100

# What a first run costs: enough for the custom CNN to pass the reference's accuracy on CIFAR-10,
# whose 45,000 training images are gone over eight times. Few images are gone over more often.
FIRST_RUN_IMAGES = 360_000
FEWEST_EPOCHS, MOST_EPOCHS = 4, 30


def make_optimizer(config: TrainingConfig, *, total_steps: int) -> keras.optimizers.Optimizer:
    """Return the optimizer of a `config` that is filled in, for `total_steps` batches.

    Example:
        >>> config = TrainingConfig(optimizer="sgd", learning_rate=0.1)
        >>> type(make_optimizer(config, total_steps=100)).__name__
        'SGD'
    """
    rate = make_schedule(config, total_steps=total_steps)
    decay = config.weight_decay or None
    if config.optimizer == "muon":
        return Muon(rate, weight_decay=decay)
    if config.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=MOMENTUM, nesterov=True, weight_decay=decay)
    return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)


def make_schedule(
    config: TrainingConfig, *, total_steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Return the learning rate of a `config` that is filled in, or its schedule over the steps.

    `one_cycle` climbs linearly to the peak and falls to zero along a cosine.
    """
    peak = config.learning_rate
    assert peak is not None
    if config.schedule == "constant":
        return peak
    climb = max(1, round(WARM_UP * total_steps))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=max(1, total_steps - climb),
        warmup_target=peak,
        warmup_steps=climb,
    )


def filled_in(
    config: TrainingConfig, *, num_images: int, optimizer: Optimizer = "adam"
) -> TrainingConfig:
    """Return `config` with what it leaves open chosen for the data and the architecture.

    Args:
        config: The recipe.
        num_images: Training images.
        optimizer: What the architecture is best trained with.

    Example:
        >>> full = filled_in(TrainingConfig(), num_images=45_000, optimizer="sgd")
        >>> full.epochs, full.optimizer, full.batch_size, full.learning_rate
        (8, 'sgd', 256, 0.2)
    """
    optimizer = config.optimizer or optimizer
    batch_size = config.batch_size or choose_batch_size(num_images)
    usual = {"adam": ADAM_RATE, "sgd": SGD_RATE * batch_size / SGD_BATCH, "muon": MUON_RATE}
    return replace(
        config,
        epochs=config.epochs or choose_epochs(num_images),
        optimizer=optimizer,
        batch_size=batch_size,
        learning_rate=config.learning_rate or usual[optimizer],
    )


def fine_tuning_rate(config: TrainingConfig) -> float:
    """Return the peak rate while a pretrained backbone learns too; `config` is filled in.

    Example:
        >>> fine_tuning_rate(TrainingConfig(learning_rate=0.5))
        0.05
    """
    assert config.learning_rate is not None
    return config.fine_tune_rate or config.learning_rate / FINE_TUNING_STEP


def choose_epochs(num_images: int) -> int:
    """Return the passes over `num_images` of a first run.

    Example:
        >>> choose_epochs(1_400), choose_epochs(18_000), choose_epochs(45_000)
        (30, 20, 8)
    """
    return min(max(FEWEST_EPOCHS, FIRST_RUN_IMAGES // num_images), MOST_EPOCHS)


def choose_batch_size(num_images: int) -> int:
    """Return the largest usual batch size that leaves about 100 steps a pass over `num_images`.

    Example:
        >>> choose_batch_size(1_400), choose_batch_size(45_000)
        (32, 256)
    """
    fitting = (size for size in BATCH_SIZES if num_images >= size * STEPS_AN_EPOCH)
    return next(fitting, BATCH_SIZES[-1])
