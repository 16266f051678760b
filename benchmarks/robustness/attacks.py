"""What a stranger's file may try: each attack writes a model file, or a run, and says its goal."""

from benchmarks.robustness.attacks_by_archive import BY_ARCHIVE
from benchmarks.robustness.attacks_by_name import BY_NAME
from benchmarks.robustness.attacks_by_run import BY_RUN
from benchmarks.robustness.attacks_by_size import BY_SIZE
from benchmarks.robustness.attacks_by_weights import BY_WEIGHTS

ATTACKS = (*BY_NAME, *BY_SIZE, *BY_WEIGHTS, *BY_ARCHIVE, *BY_RUN)
