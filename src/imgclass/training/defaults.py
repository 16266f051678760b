"""The epochs, batch size and learning rate of a recipe that leaves them open."""

import inspect

# The rate of Keras and of the paper (Kingma and Ba, *Adam*, 2014).
ADAM_RATE = 1e-3
# For 256 images a step, and in proportion for others (Goyal et al., *Accurate, Large Minibatch
# SGD*, 2017).
SGD_RATE, SGD_BATCH = 0.2, 256
# Radians by which a step turns a filter of length 1 at the schedule's peak.
MUON_RATE = 0.16

# Small data sets need steps more than smooth gradients (Masters and Luschi, *Revisiting Small Batch
# Training*, 2018); large ones are limited by arithmetic, which wants large batches.
BATCH_SIZES = (256, 128, 64, 32)
STEPS_AN_EPOCH = 100

# Enough for the custom CNN to pass the reference's accuracy on CIFAR-10: 45,000 images, 8 times.
FIRST_RUN_IMAGES = 360_000
FEWEST_EPOCHS, MOST_EPOCHS = 4, 30


def choose_epochs(num_images: int) -> int:
    """Return the passes over `num_images` of a first run: 30 over 1,400, 8 over 45,000."""
    return min(max(FEWEST_EPOCHS, FIRST_RUN_IMAGES // num_images), MOST_EPOCHS)


def choose_batch_size(num_images: int) -> int:
    """Return the largest usual batch size that leaves 100 steps a pass, or the smallest."""
    fitting = (size for size in BATCH_SIZES if num_images >= size * STEPS_AN_EPOCH)
    return next(fitting, BATCH_SIZES[-1])


def usual_rate(optimizer: str, batch_size: int) -> float:
    """Return an optimizer's learning rate by its name; Keras's own if imgclass has none."""
    usual = {"adam": ADAM_RATE, "sgd": SGD_RATE * batch_size / SGD_BATCH, "muon": MUON_RATE}
    if optimizer in usual:
        return usual[optimizer]
    import keras

    known = {name.lower(): value for name, value in vars(keras.optimizers).items()}
    return float(inspect.signature(known[optimizer]).parameters["learning_rate"].default)
