"""What is known beside a run, for its report: its learning curve, and the runs that led to it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgclass.report.beside import Beside
    from imgclass.run import Run


def known_beside(run: "Run") -> "Beside":
    """Look for a learning curve of the run or its data, and for an improvement that made it."""
    from imgclass.improvement.ancestors import lineage_beside
    from imgclass.learning_curves.html import known_curve
    from imgclass.learning_curves.kept import find_curve
    from imgclass.report.beside import Beside

    try:
        curve = find_curve(run)
    except OSError:  # a folder that cannot be read is no reason to have no report
        curve = None
    return Beside(known_curve(curve) if curve else None, lineage_beside(run.path))
