"""The verb `doctor`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from imgclass.cli.options import Json
from imgclass.cli.output import emit, note, table
from imgclass.cli.plugins import NoPlugins

if TYPE_CHECKING:
    from imgclass.doctor import Dependency, Machine, PluginCheck

BROKEN = 4


def doctor(
    *,
    limit: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="Time limit for each plugin.")
    ] = 60.0,
    no_plugins: NoPlugins = None,
    json: Json = False,
) -> None:
    """Try every plugin; name what is broken, why, and what to do."""
    from imgclass.doctor import check_dependencies, check_plugins, describe_machine

    del no_plugins  # its callback has done the work
    note("trying every plugin in a process of its own ...")
    machine, dependencies = describe_machine(), check_dependencies()
    plugins = check_plugins(limit=limit, keras_starts=not machine.cause)
    broken = [check for check in plugins if check.status == "broken"]
    broken_count = len(broken) + sum(bool(d.remedy) for d in dependencies) + bool(machine.cause)
    payload = {
        "broken": broken_count,
        "machine": asdict(machine),
        "dependencies": [asdict(dependency) for dependency in dependencies],
        "plugins": [asdict(check) for check in plugins],
    }
    emit(payload, _text(machine, dependencies, plugins, broken=broken_count), as_json=json)
    if broken_count:
        raise typer.Exit(BROKEN)


def _text(
    machine: "Machine",
    dependencies: "tuple[Dependency, ...]",
    plugins: "tuple[PluginCheck, ...]",
    *,
    broken: int,
) -> str:
    facts = [
        ("python", machine.python, ""),
        ("keras", machine.keras or "does not start", ""),
        ("backend", machine.backend, machine.backend_source),
    ]
    if machine.keras:
        facts += [
            ("devices", ", ".join(machine.devices), ""),
            ("precision", machine.precision, machine.precision_reason),
            ("compilation", _compilation(machine), machine.compilation_reason),
        ]
    versions = [("package", "installed", "expected", "")]
    versions += [(d.name, d.installed or "none", d.expected, d.remedy) for d in dependencies]
    tried = [("name", "package", "version", "seconds", "status")]
    tried += [
        (
            check.name or "-",
            check.distribution,
            check.version,
            "-" if check.seconds is None else f"{check.seconds:.2f}",
            check.status,
        )
        for check in plugins
    ]
    troubles = [
        f"{check.status}  {check.distribution}{':' if check.name else ''}{check.name}\n"
        f"  cause   {check.cause}\n  remedy  {check.remedy}"
        for check in plugins
        if check.cause
    ]
    if machine.cause:
        troubles.append(f"broken  keras\n  cause   {machine.cause}\n  remedy  {machine.remedy}")
        troubles.append("architectures were not tried: they need Keras")
    verdict = f"{broken} broken" if broken else "nothing is broken"
    return "\n\n".join((table(facts), table(versions), table(tried), *troubles, verdict))


def _compilation(machine: "Machine") -> str:
    words: dict[str | bool, str] = {True: "on", False: "off"}
    return words.get(machine.compilation, str(machine.compilation))
