"""What plain Keras makes of a saved model under each of its backends, without imgclass.

    python benchmarks/backends.py [--only NAME ...] [--json]

Each built-in architecture is built in mixed_bfloat16, made plain and saved as a run saves it. Then
a process for each backend, in which imgclass cannot be imported, loads every file with
`keras.saving.load_model` and predicts the same images. Printed is the largest difference of a
probability from what the plain model gave before it was saved.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

BACKENDS = ("tensorflow", "jax", "torch")
IMAGES, CLASSES, SIDE = 8, 10, 32
LIMIT = 1e-5

CHILD = """
import sys
sys.modules["imgclass"] = None
from pathlib import Path
import keras, numpy as np
folder = Path(sys.argv[1])
for file in sorted(folder.glob("*.keras")):
    model = keras.saving.load_model(file)
    images = np.load(file.with_suffix(".images.npy"))
    np.save(file.with_suffix(f".{sys.argv[2]}.npy"), model.predict(images, verbose=0))
"""


def save_all(folder: Path, names: list[str]) -> None:
    """Save each architecture's plain model, its images and what it gives them."""
    from imgclass.io.fs import FileSystem
    from imgclass.models import ModelSpec, architectures
    from imgclass.models.model_file import describe_model, save_model
    from imgclass.models.plain import plain_copy
    from imgclass.training.hardware import building

    for name in names:
        side = max(SIDE, architectures.info(name).minimum_size)
        with building(precision="mixed_bfloat16", seed=0):
            model = architectures[name](ModelSpec(image_size=(side, side)), CLASSES)
        plain = plain_copy(model)
        metadata = describe_model(
            plain,
            class_names=tuple(map(str, range(CLASSES))),
            image_size=(side, side),
            resize="stretch",
            tta=False,
            architecture=name,
            origin=architectures.origin(name),
        )
        images = (
            np.random.default_rng(0).integers(0, 256, (IMAGES, side, side, 3)).astype("float32")
        )
        save_model(plain, folder / f"{name}.keras", metadata, files=FileSystem())
        np.save(folder / f"{name}.images.npy", images)
        np.save(folder / f"{name}.npy", plain.predict_on_batch(images))


def main() -> int:
    """Print the table, and return 1 where a difference is above the limit."""
    from imgclass.models import architectures

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these architectures")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    names = options.only or list(architectures)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        save_all(folder, names)
        for backend in BACKENDS:
            environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
            command = [sys.executable, "-c", CHILD, folder, backend]
            subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)
        table = {
            name: {
                backend: float(
                    np.abs(
                        np.load(folder / f"{name}.{backend}.npy") - np.load(folder / f"{name}.npy")
                    ).max()
                )
                for backend in BACKENDS
            }
            for name in names
        }
    worst = max(value for row in table.values() for value in row.values())
    if options.json:
        print(json.dumps({"limit": LIMIT, "worst": worst, "differences": table}))
    else:
        print(f"{'':18}{''.join(f'{backend:>12}' for backend in BACKENDS)}")
        for name, row in table.items():
            print(f"{name:18}{''.join(f'{row[backend]:12.1e}' for backend in BACKENDS)}")
        print(f"largest {worst:.1e}, limit {LIMIT:.0e}")
    return int(not worst <= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
