"""What a recipe that leaves it open is trained with: epochs, batch size and learning rate."""

import inspect

# The rate of Keras and of the paper (Kingma and Ba, *Adam*, 2014).
ADAM_RATE = 1e-3
# For 256 images a step, and in proportion for others (Goyal et al., *Accurate, Large Minibatch
# SGD*, 2017).
SGD_RATE, SGD_BATCH = 0.2, 256
# The angle, in radians, by which a step turns a filter of length 1 at the peak of the schedule.
MUON_RATE = 0.16

# Small data sets need steps more than smooth gradients (Masters and Luschi, *Revisiting Small Batch
# Training*, 2018); large ones are limited by arithmetic, which wants large batches.
BATCH_SIZES = (256, 128, 64, 32)
STEPS_AN_EPOCH = 100

# What a first run costs: enough for the custom CNN to pass the reference's accuracy on CIFAR-10,
# whose 45,000 training images are seen eight times. Fewer images are seen more often.
FIRST_RUN_IMAGES = 360_000
FEWEST_EPOCHS, MOST_EPOCHS = 4, 30


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


def usual_rate(optimizer: str, batch_size: int) -> float:
    """Return the learning rate of an optimizer by its name; Keras's own if imgclass has none.

    Example:
        >>> usual_rate("sgd", 128), usual_rate("rmsprop", 128)
        (0.1, 0.001)
    """
    usual = {"adam": ADAM_RATE, "sgd": SGD_RATE * batch_size / SGD_BATCH, "muon": MUON_RATE}
    if optimizer in usual:
        return usual[optimizer]
    import keras

    known = {name.lower(): value for name, value in vars(keras.optimizers).items()}
    return float(inspect.signature(known[optimizer]).parameters["learning_rate"].default)
