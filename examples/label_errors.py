"""Finding wrong labels: some are planted among digits, and looked for.

    python examples/label_errors.py

Four models are trained, each on three quarters of the images, and judge the labels of the rest.
"""

import csv
import sys
from pathlib import Path

import numpy as np

from imgclass import DatasetOrganizer, Experiment, TrainingConfig, find_label_errors
from imgclass.data.digits import write_digits
from imgclass.flows import PRESETS

WRONG = 36  # 2 % of them

out = Path(sys.argv[1] if len(sys.argv) > 1 else "label_errors")
epochs = int(sys.argv[2]) if sys.argv[2:] else 12

# 1. Some of the digits get the label of another.
labels, images = write_digits(out / "source")
with labels.open(encoding="utf-8", newline="") as file:
    header, *rows = csv.reader(file)
rng = np.random.default_rng(0)
planted = rng.choice(len(rows), WRONG, replace=False)
for place in planted:
    name, label = rows[place]
    rows[place] = [name, str(rng.choice([other for other in "0123456789" if other != label]))]
with labels.open("w", encoding="utf-8", newline="") as file:
    csv.writer(file).writerows([header, *rows])
wrong = {f"{rows[place][0]}.png" for place in planted}

# 2. The search. Give the folds as many epochs as a training needs: one that ends too soon doubts
#    far too much.
folder = DatasetOrganizer(val=0.1, test=0.1).organize(labels, images, out / "data")
experiment = Experiment(training=TrainingConfig(epochs=epochs), augmentation=PRESETS["none"])
found = find_label_errors(folder, experiment, out=out / "found")
print(found)
print(found.to_frame().head().to_string(index=False))

# 3. Here it is known which ones are wrong.
hits = sum(Path(error.path).name in wrong for error in found.errors)
print(f"{hits} of the {len(found.errors)} in doubt are wrong, of {WRONG} wrong labels in all")
print("page:", found.path / "label_errors.html")
