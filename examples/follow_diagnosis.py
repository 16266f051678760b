"""Reading a diagnosis, and running the experiment that it recommends.

    python examples/follow_diagnosis.py

A recommendation holds the next experiment whole; whether it helped is a comparison on val.
"""

import sys
from pathlib import Path

from imgclass import DatasetOrganizer, Experiment, ModelSpec, TrainingConfig, run_experiment
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
second = run_experiment(folder, recommendation.experiment, run_dir=out / "second")

before, after = first.evaluation.val, second.evaluation.val
print(f"val accuracy {before.accuracy:.3f} {before.interval}")
print(f"        then {after.accuracy:.3f} {after.interval}")
print("keep" if after.accuracy > before.accuracy else "reject", recommendation.changes)
