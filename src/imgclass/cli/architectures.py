"""The verb that lists what can be trained: architectures."""

from imgclass.cli.options import Json
from imgclass.cli.output import emit, table
from imgclass.cli.plugins import NoPlugins


def architectures(*, no_plugins: NoPlugins = None, json: Json = False) -> None:
    """List the architectures that can be trained."""
    from imgclass.models import architectures as registry

    del no_plugins  # its callback has done the work
    found = {name: registry.claims(name) for name in registry.names()}
    payload = {
        "architectures": [
            {"name": name, "distribution": o.distribution, "version": o.version, "target": o.target}
            for name, origins in found.items()
            for o in origins
        ]
    }
    rows = [("name", "package", "version")]
    rows += [(name, o.distribution, o.version) for name, os in found.items() for o in os]
    emit(payload, table(rows), as_json=json)
