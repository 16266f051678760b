"""Every installed plugin tried in a process of its own, and what came of it."""

import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Literal

from imgclass.diagnosis.diagnoser import diagnoser_rules
from imgclass.distributions import BUILT_IN, MetadataFault, read_entry_points
from imgclass.doctor.child import Outcome, ask
from imgclass.entry_points import Origin
from imgclass.models import architectures
from imgclass.registry import Registry

Status = Literal["ok", "warning", "broken"]

# Seconds for an import and one small model; the slowest built-in takes 9.
LIMIT = 60.0
# Each child holds Keras: about 500 MB.
CHILDREN = 2

REGISTRIES: tuple[Registry[Any, Any], ...] = (architectures, diagnoser_rules)


@dataclass(frozen=True, slots=True)
class PluginCheck:
    """One name that a package offers, tried.

    Attributes:
        name: The name; empty for a package whose metadata cannot be read.
        group: The entry-point group.
        distribution: The package.
        version: The package's version.
        target: `module:attribute`.
        status: `ok`, `warning` (it works, and does what it should not), or `broken`.
        seconds: What its import took; None where it did not end.
        cause: What is wrong; empty where nothing is.
        remedy: What to do.
    """

    name: str
    group: str
    distribution: str
    version: str
    target: str
    status: Status = "ok"
    seconds: float | None = None
    cause: str = ""
    remedy: str = ""


def check_plugins(*, limit: float = LIMIT, keras_starts: bool = True) -> tuple[PluginCheck, ...]:
    """Import every plugin in a child of its own, and build each architecture once, small.

    The built-in ones of a group share a child and are only imported: their building is held by
    imgclass's own tests. `IMGCLASS_DISABLE_PLUGINS` is heeded.

    Args:
        limit: Seconds that a child may take.
        keras_starts: Whether Keras does; where it does not, architectures are not tried, since
            all of them would fail for a reason that is not theirs.

    Returns:
        One check for each name of each package, then one for each package whose metadata was left
        out.
    """
    registries = [r for r in REGISTRIES if keras_starts or r is not architectures]
    jobs: dict[tuple[str, ...], list[PluginCheck]] = {}
    for check in (check for registry in registries for check in _offered(registry)):
        one = () if _is_built_in(check) else (check.distribution, check.name)
        jobs.setdefault((check.group, *one), []).append(check)
    with ThreadPoolExecutor(CHILDREN) as pool:
        done = pool.map(lambda job: _tried(job, limit=limit), jobs.values())
        tried = [check for job in done for check in job]
    return (*tried, *_left_out())


def _is_built_in(check: PluginCheck) -> bool:
    return check.distribution == BUILT_IN


def _offered(registry: Registry[Any, Any]) -> Iterable[PluginCheck]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is left out is told by `_left_out`
        claims = {name: registry.claims(name) for name in registry.names()}
    for name, origins in claims.items():
        for origin in origins:
            check = PluginCheck(
                name, registry.group, origin.distribution, origin.version, origin.target
            )
            yield _rivalled(check, origins)


def _rivalled(check: PluginCheck, origins: tuple[Origin, ...]) -> PluginCheck:
    """Say where others claim the name; a built-in keeps it, and is not to blame."""
    rivals = [o.distribution for o in origins if o.distribution != check.distribution]
    if not rivals or _is_built_in(check):
        return check
    return replace(
        check,
        status="warning" if BUILT_IN in rivals else "broken",
        cause=f"the name is also offered by {', '.join(rivals)}",
        remedy=f"Ask for {check.distribution}:{check.name}, or uninstall all but one.",
    )


def _tried(job: list[PluginCheck], *, limit: float) -> list[PluginCheck]:
    claims = [f"{check.distribution}:{check.name}" for check in job]
    outcome = ask("imgclass.doctor.probe", "plugins", job[0].group, *claims, limit=limit)
    if outcome.answer is None:
        return [_ended(check, outcome, limit=limit) for check in job]
    return [_judged(check, answer) for check, answer in zip(job, outcome.answer, strict=True)]


def _judged(check: PluginCheck, answer: dict[str, Any]) -> PluginCheck:
    check = replace(check, seconds=round(answer["seconds"], 3))
    if answer["fault"]:
        return _worse(check, "broken", answer["fault"], answer["remedy"])
    if answer["effects"]:
        remedy = f"Tell the authors of {check.distribution}: importing should do nothing else."
        return _worse(check, "warning", f"importing it {', '.join(answer['effects'])}", remedy)
    return check


def _ended(check: PluginCheck, outcome: Outcome, *, limit: float) -> PluginCheck:
    cause = (
        f"it was not done after {limit:g} s"
        if outcome.timed_out
        else f"it ended Python with exit code {outcome.exit_code}"
    )
    remedy = f"Repair, upgrade or uninstall {check.distribution}."
    return _worse(check, "broken", cause, remedy)


def _worse(check: PluginCheck, status: Status, cause: str, remedy: str) -> PluginCheck:
    """Add to what is already known of a check."""
    return replace(
        check,
        status="broken" if check.status == "broken" else status,
        cause="; ".join(filter(None, (check.cause, cause))),
        remedy=" ".join(filter(None, (check.remedy, remedy))),
    )


def _left_out() -> tuple[PluginCheck, ...]:
    faults: dict[MetadataFault, str] = {}
    for registry in REGISTRIES:
        for fault in read_entry_points(registry.group)[1]:
            faults.setdefault(fault, registry.group)
    return tuple(
        PluginCheck(
            name="",
            group=group,
            distribution=fault.distribution,
            version=fault.version,
            target="",
            status="broken",
            cause=fault.cause,
            remedy=fault.remedy,
        )
        for fault, group in faults.items()
    )
