"""The verb `architectures`."""

from dataclasses import asdict

from imgclass.cli.options import Json
from imgclass.cli.output import emit, table
from imgclass.cli.plugins import NoPlugins


def architectures(*, no_plugins: NoPlugins = None, json: Json = False) -> None:
    """List the architectures that can be trained."""
    from imgclass.models import architectures as registry

    del no_plugins  # its callback has done the work
    found = [(name, origin) for name in registry for origin in registry.claims(name)]
    payload = {"architectures": [{"name": name, **asdict(origin)} for name, origin in found]}
    rows = [("name", "package", "version")]
    rows += [(name, origin.distribution, origin.version) for name, origin in found]
    emit(payload, table(rows), as_json=json)
