"""From a CSV and a folder of images to a diagnosed classifier, in one page.

    python examples/quickstart.py

Everything is put into a new folder, `quickstart` if you give no other.
"""

import sys
from pathlib import Path

from imgclass import DatasetOrganizer, Experiment, TrainingConfig, run_experiment, write_report
from imgclass.data.digits import write_digits
from imgclass.flows import PRESETS

out = Path(sys.argv[1] if len(sys.argv) > 1 else "quickstart")
epochs = int(sys.argv[2]) if sys.argv[2:] else 8

# 1. A CSV of ids and labels, and a folder of numbered images: yours, or these 1,797 digits.
labels, images = write_digits(out / "source")

# 2. Class directories: stratified, seeded, every row and every file accounted for.
folder = DatasetOrganizer(val=0.15, test=0.15).organize(labels, images, out / "data")
print(folder.counts)

# 3. One experiment. Digits are not mirrored, so the default augmentation would harm here.
experiment = Experiment(training=TrainingConfig(epochs=epochs), augmentation=PRESETS["none"])
run = run_experiment(folder, experiment, run_dir=out / "run")

# 4. What came out, and what to try next.
for split, score in run.evaluation.scores.items():
    low, high = score.interval
    print(f"{split:5}  {score.accuracy:.3f}  ({low:.3f} to {high:.3f}, {score.n} images)")
print(run.diagnosis.verdict.name, "-", run.diagnosis.verdict.explanation)
print("report:", write_report(run))

# 5. The classifier at work.
for prediction in run.predict(sorted(images.glob("*.png"))[:3]):
    print(prediction.path, prediction.top1, round(prediction.top[0][1], 3))
