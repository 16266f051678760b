"""Every installed plugin, tried in another process: what is broken, and why."""

import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from imgclass.diagnosis.diagnoser import diagnoser_rules
from imgclass.distributions import BUILT_IN
from imgclass.doctor.child import ask
from imgclass.entry_points import Origin, read_entry_points
from imgclass.models import architectures
from imgclass.registry import Registry

Status = Literal["ok", "warning", "broken"]

LIMIT = 60.0  # seconds for an import and one small model; the slowest built-in takes 9
CHILDREN = 2  # at a time; each holds Keras, about 500 MB

REGISTRIES: tuple[Registry[Any, Any], ...] = (architectures, diagnoser_rules)


@dataclass(frozen=True, slots=True)
class PluginCheck:
    """One name that a package offers, tried.

    Attributes:
        name: Empty for a package whose metadata cannot be read.
        group: The entry-point group.
        target: `module:attribute`.
        status: `warning` if it works, and does something that it should not.
        seconds: How long its import took; None if it did not end.
        cause: What is wrong; empty if nothing is.
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
    """Import every plugin in a child process of its own, and build each architecture once, small.

    A child may take `limit` seconds. The built-in plugins of a group share a child and are only
    imported: imgclass's tests build them. If Keras does not start, architectures are not tried: all
    would fail for a reason that is not theirs. `IMGCLASS_DISABLE_PLUGINS` applies.

    The checks of packages left out because of their metadata come last.
    """
    registries = [r for r in REGISTRIES if keras_starts or r is not architectures]
    jobs: dict[tuple[str, str], list[PluginCheck]] = {}
    for check in (check for registry in registries for check in _offered(registry)):
        own = "" if check.distribution == BUILT_IN else f"{check.distribution}:{check.name}"
        jobs.setdefault((check.group, own), []).append(check)
    with ThreadPoolExecutor(CHILDREN) as pool:
        done = pool.map(lambda job: _tried(job, limit=limit), jobs.values())
        tried = [check for job in done for check in job]
    return (*tried, *_left_out())


def _offered(registry: Registry[Any, Any]) -> Iterable[PluginCheck]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `_left_out` reports the same
        origins = {name: registry.claims(name) for name in registry}
    for name, claims in origins.items():
        for origin in claims:
            check = PluginCheck(name, registry.group, **asdict(origin))
            yield _compared(check, claims)


def _compared(check: PluginCheck, claims: tuple[Origin, ...]) -> PluginCheck:
    """Report other packages with the same name; a built-in keeps it, and is not to blame."""
    others = [o.distribution for o in claims if o.distribution != check.distribution]
    if not others or check.distribution == BUILT_IN:
        return check
    return _worse(
        check,
        "warning" if BUILT_IN in others else "broken",
        f"the name is also offered by {', '.join(others)}",
        f"Ask for {check.distribution}:{check.name}, or uninstall all but one.",
    )


def _tried(job: list[PluginCheck], *, limit: float) -> list[PluginCheck]:
    names = [f"{check.distribution}:{check.name}" for check in job]
    answers = ask("imgclass.doctor.probe", job[0].group, *names, limit=limit)
    if isinstance(answers, dict):  # the child ended before it could answer
        answers = [answers] * len(job)
    return [_judged(check, answer) for check, answer in zip(job, answers, strict=True)]


def _judged(check: PluginCheck, answer: dict[str, Any]) -> PluginCheck:
    if "seconds" in answer:
        check = replace(check, seconds=round(answer["seconds"], 3))
    if answer["fault"]:
        remedy = answer.get("remedy") or f"Repair, upgrade or uninstall {check.distribution}."
        return _worse(check, "broken", answer["fault"], remedy)
    if answer["effects"]:
        remedy = f"Tell the authors of {check.distribution}: an import should do nothing else."
        return _worse(check, "warning", f"importing it {', '.join(answer['effects'])}", remedy)
    return check


def _worse(check: PluginCheck, status: Status, cause: str, remedy: str) -> PluginCheck:
    """Add a fault to those already known."""
    return replace(
        check,
        status="broken" if check.status == "broken" else status,
        cause="; ".join(filter(None, (check.cause, cause))),
        remedy=" ".join(filter(None, (check.remedy, remedy))),
    )


def _left_out() -> Iterable[PluginCheck]:
    faults = {f: r.group for r in reversed(REGISTRIES) for f in read_entry_points(r.group)[1]}
    for fault, group in faults.items():
        yield PluginCheck("", group, target="", status="broken", **asdict(fault))
