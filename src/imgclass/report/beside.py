"""What is known beside a run, and shown in its report: a learning curve, a lineage."""

from dataclasses import dataclass

from imgclass.report.charts import Chart


@dataclass(frozen=True, slots=True)
class KnownCurve:
    """The learning curve of a run's data.

    Attributes:
        chart: Its picture.
        sentences: What it says.
    """

    chart: Chart
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A run on the way to this one.

    Attributes:
        name: Of its directory.
        changes: What it changed of the run before, in words; empty for the start.
        accuracy: On val, in 0-1; None if unknown.
        verdict: `start`, `kept` or `rejected`, or empty if that is not decided.
    """

    name: str
    changes: str
    accuracy: float | None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside a run.

    Attributes:
        curve: The learning curve of its data; None if none was made.
        lineage: The runs that led to it, the first one first, itself last; empty if there are none.
    """

    curve: KnownCurve | None = None
    lineage: tuple[Ancestor, ...] = ()


NOTHING = Beside()
