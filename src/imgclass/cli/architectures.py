"""The verb `architectures`."""

from dataclasses import asdict

from imgclass.cli.options import Json
from imgclass.cli.output import emit, table
from imgclass.cli.plugins import NoPlugins
from imgclass.entry_points import Origin

WEIGHTS = {True: "installed", False: "not installed", None: ""}


def architectures(*, no_plugins: NoPlugins = None, json: Json = False) -> None:
    """List the architectures that can be trained."""
    from imgclass.models import architectures as registry

    del no_plugins  # its callback has done the work
    found = [(name, origin) for name in registry for origin in registry.claims(name)]
    payload = {
        "architectures": [
            {"name": name, **asdict(origin), "weights_installed": _weights_installed(name, origin)}
            for name, origin in found
        ]
    }
    rows = [("name", "package", "version", "ImageNet weights")]
    rows += [
        (name, origin.distribution, origin.version, WEIGHTS[_weights_installed(name, origin)])
        for name, origin in found
    ]
    emit(payload, table(rows), as_json=json)


def _weights_installed(name: str, origin: Origin) -> bool | None:
    """Return whether the package of its ImageNet weights is installed; None if it has none."""
    from imgclass.distributions import BUILT_IN
    from imgclass.models.packaged_weights import PACKAGES, find_packaged_weights

    if origin.distribution != BUILT_IN or name not in PACKAGES:
        return None
    return find_packaged_weights(PACKAGES[name]) is not None
