"""CIFAR-10 from a folder of numbered images and a CSV, as the reference notebook has it.

    IMGCLASS_CIFAR10=path/to/cifar10-numbered python examples/cifar10.py

The folder holds `trainLabels.csv` (id, label) and `train/1.jpg` ... The split is the notebook's,
45,000 / 2,500 / 2,500, but stratified and seeded.
"""

import os
import sys
from pathlib import Path

from imgclass import DatasetOrganizer, Experiment, TrainingConfig, run_experiment, write_report

source = Path(os.environ.get("IMGCLASS_CIFAR10", "cifar10-numbered"))
out = Path(sys.argv[1] if len(sys.argv) > 1 else "cifar10")
epochs = int(sys.argv[2]) if sys.argv[2:] else 10

if not (source / "trainLabels.csv").is_file():
    sys.exit(
        f"Set IMGCLASS_CIFAR10 to the folder of trainLabels.csv and train/; {source} has none."
    )

# A twentieth each for val and test: 2,500 of 50,000. Hard links take no space.
organizer = DatasetOrganizer(val=0.05, test=0.05, transfer="hardlink")
folder = organizer.organize(source / "trainLabels.csv", source / "train", out / "data")
print(folder.counts)

run = run_experiment(
    folder, Experiment(training=TrainingConfig(epochs=epochs)), run_dir=out / "run"
)
test = run.evaluation.test
print(f"test accuracy {test.accuracy:.4f}, 95 % interval {test.interval}")
for finding in run.diagnosis.findings:
    print(f"{finding.name}: {finding.explanation}")
print("report:", write_report(run))
