"""All checks of an architecture: run together, or one by one in a test runner."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

from imgclass.errors import UsageError
from imgclass.models.spec import Architecture, Knob, info_of
from imgclass.testing import contract, learning
from imgclass.testing.knobs import KNOB_CHECKS
from imgclass.testing.subject import ConformanceError, Subject

Check = Callable[[Subject], None]

CHECKS: tuple[Check, ...] = (
    contract.builds_an_uncompiled_model,
    contract.has_the_shapes_it_is_asked_for,
    contract.gives_probabilities,
    contract.preprocesses_inside_the_model,
    contract.has_a_flat_graph,
    contract.leaves_global_state_alone,
    *KNOB_CHECKS.values(),
    learning.lowers_the_loss_of_a_batch,
    learning.saves_and_loads,
    learning.works_in_mixed_precision,
)


@dataclass(frozen=True, slots=True)
class ArchitectureCheck:
    """One check of one architecture: call it to run.

    Attributes:
        name: The promise, such as `more_depth_is_more_layers`.
        check: The function that checks it.
        subject: The architecture.
        expected_failure: Why it is known to fail; it must fail then.
    """

    name: str
    check: Check
    subject: Subject
    expected_failure: str | None = None

    def __call__(self) -> None:
        """Run the check.

        Raises:
            ConformanceError: The promise is broken, or kept although a failure was expected.
        """
        try:
            self.check(self.subject)
        except Exception as error:
            if self.expected_failure is not None:
                return
            raise ConformanceError(f"{self.name}: {_words(error)}") from error
        if self.expected_failure is not None:
            raise ConformanceError(
                f"{self.name}: expected to fail ({self.expected_failure}); it passes. "
                f"Remove it from expected_failures."
            )

    def __str__(self) -> str:
        """Return the name, for a parametrized test's ids."""
        return self.name


def architecture_checks(
    builder: Architecture, *, expected_failures: Mapping[str, str] | None = None
) -> tuple[ArchitectureCheck, ...]:
    """Return the checks that apply to an architecture.

    They are for a parametrized test, like scikit-learn's `parametrize_with_checks`::

        @pytest.mark.parametrize("check", architecture_checks(my_net), ids=str)
        def test_my_net_keeps_the_contract(check):
            check()

    A knob missing from its `ArchitectureInfo.knobs`, or a depth or width without a default there,
    is not checked. Images have its smallest size, at least 8 pixels.

    Args:
        builder: The architecture.
        expected_failures: The reason of each check that is known to fail, by its name.

    Raises:
        UsageError: `expected_failures` names a check that does not exist.

    Example:
        >>> from imgclass import architectures
        >>> checks = architecture_checks(architectures["cnn"])
        >>> [str(check) for check in checks][:2]
        ['builds_an_uncompiled_model', 'has_the_shapes_it_is_asked_for']
    """
    reasons = dict(expected_failures or {})
    subject = Subject(builder, info_of(builder))
    left_out = {KNOB_CHECKS[knob] for knob in get_args(Knob) if not _has(subject, knob)}
    checks = tuple(
        ArchitectureCheck(check.__name__, check, subject, reasons.pop(check.__name__, None))
        for check in CHECKS
        if check not in left_out
    )
    if reasons:
        raise UsageError(
            f"Expected names of checks in expected_failures; received {', '.join(reasons)}. "
            f"The checks are: {', '.join(map(str, checks))}."
        )
    return checks


def check_architecture(
    builder: Architecture, *, expected_failures: Mapping[str, str] | None = None
) -> None:
    """Check all promises of an architecture, and name those that it breaks.

    Args:
        builder: The architecture.
        expected_failures: The reason of each check that is known to fail, by its name.

    Raises:
        ConformanceError: A promise is broken, or kept although a failure was expected.
        UsageError: `expected_failures` names a check that does not exist.

    Example:
        >>> def unfinished(spec, num_classes): ...
        >>> check_architecture(unfinished)
        Traceback (most recent call last):
        imgclass.testing.subject.ConformanceError: unfinished breaks ...
          builds_an_uncompiled_model: Expected a keras.Model; received <class 'NoneType'>.
          ...
    """
    broken = []
    for check in architecture_checks(builder, expected_failures=expected_failures):
        try:
            check()
        except ConformanceError as error:
            broken.append(f"  {error}")
    if broken:
        name = getattr(builder, "__qualname__", repr(builder))
        raise ConformanceError("\n".join((f"{name} breaks {len(broken)} promise(s):", *broken)))


def _has(subject: Subject, knob: Knob) -> bool:
    info = subject.info
    defaults = {"depth": info.depth, "width": info.width}
    return knob in info.knobs and (knob not in defaults or defaults[knob] is not None)


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, ConformanceError) else f"{type(error).__name__}: {error}"
