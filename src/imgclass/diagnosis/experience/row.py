"""One row of experience: a situation, what was changed, and what came of it."""

from dataclasses import dataclass

from imgclass.diagnosis.experience.situation import Situation, situation_of
from imgclass.diagnosis.sources import RunLike, evidence_of
from imgclass.errors import UsageError
from imgclass.evaluation import compare_predictions


@dataclass(frozen=True, slots=True)
class Experience:
    """What a change brought in one situation.

    Attributes:
        lever: The name of the change, as in `Recommendation.lever`.
        source: Which trainings it is from; rows of one source share data.
        better: Val images that only the changed training got right.
        worse: Val images that only the first one got right.
        n: Val images that both were scored on.
        seconds: Wall time of the changed training.
        situation: What was known before the change.

    Raises:
        UsageError: More images are better or worse than there are.
    """

    lever: str
    source: str
    better: int
    worse: int
    n: int
    seconds: float
    situation: Situation

    def __post_init__(self) -> None:
        if self.n < 1 or min(self.better, self.worse) < 0 or self.better + self.worse > self.n:
            raise UsageError(
                f"Expected better + worse <= n, of at least one image; received "
                f"better={self.better}, worse={self.worse}, n={self.n}."
            )

    @property
    def gain(self) -> float:
        """How much the val accuracy rose, in -1 to 1."""
        return (self.better - self.worse) / self.n


def experience_of(parent: RunLike, child: RunLike, lever: str, *, source: str = "") -> Experience:
    """Return what a change brought, from the run before it and the run with it.

    Args:
        parent: The run that was diagnosed.
        child: The run of its recommendation; one that failed got no image right.
        lever: The recommendation's `lever`.
        source: A name of the data, which rows of the same data share.

    Raises:
        UsageError: The parent was not scored, or both were scored on no common image.
    """
    before, after = parent.kept_evaluation, child.kept_evaluation
    situation = situation_of(evidence_of(parent)) if before else None
    if situation is None or before is None:
        raise UsageError("Expected a run that was scored to learn from; it has no scores.")
    seconds = round(child.history.seconds, 1)
    if after is None:
        val = before.val
        return Experience(lever, source, 0, val.correct, val.n, seconds, situation)
    seen = compare_predictions(before.predictions, after.predictions)
    return Experience(lever, source, seen.better, seen.worse, seen.n, seconds, situation)
