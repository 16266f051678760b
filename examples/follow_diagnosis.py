"""Reading a diagnosis, and running the experiment that it recommends.

    python examples/follow_diagnosis.py

A recommendation holds the next experiment whole; whether it helped is a paired test on val.
"""

import sys
from pathlib import Path

from imgclass import (
    DatasetOrganizer,
    Experiment,
    ModelSpec,
    TrainingConfig,
    compare,
    run_experiment,
)
from imgclass.data.digits import write_digits
from imgclass.flows import PRESETS

out = Path(sys.argv[1] if len(sys.argv) > 1 else "follow_diagnosis")
epochs = int(sys.argv[2]) if sys.argv[2:] else 4

labels, images = write_digits(out / "source")
folder = DatasetOrganizer(val=0.15, test=0.15).organize(labels, images, out / "data")

# A network that is too small on purpose, so that there is something to find.
experiment = Experiment(
    spec=ModelSpec(depth=1, width=4),
    training=TrainingConfig(epochs=epochs),
    augmentation=PRESETS["none"],
)
first = run_experiment(folder, experiment, run_dir=out / "first")
for finding in first.diagnosis.findings:
    print(f"{finding.name}: {finding.explanation}")
    for sentence in finding.advice:
        print("  -", sentence)

recommendation = first.diagnosis.recommendation
if recommendation is None:
    sys.exit("Nothing to try: the target is reached.")
print("next:", ", ".join(recommendation.changes))
second = run_experiment(folder, recommendation.experiment, run_dir=out / "second", parent=first)

# On the same val images: far smaller differences are seen than with two separate intervals.
comparison = compare(first, second)
print(comparison)
is_better = comparison.is_significant and comparison.difference > 0
print("keep" if is_better else "reject", ", ".join(recommendation.changes))
print("all of this, step by step: imgclass improve", out / "second")
