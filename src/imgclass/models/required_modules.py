"""The modules that a model file needs: which may be imported without trusting the file."""

import os
import re
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import importlib_metadata

from imgclass.distributions import BUILT_IN, canonical, is_installed
from imgclass.entry_points import LOCAL
from imgclass.errors import ModelFileError, PluginError
from imgclass.formatting import cut
from imgclass.models import architectures
from imgclass.models.metadata import ModelMetadata

_MODULE = re.compile(
    r"(?!__)[^\W\d]\w*(\.(?!__)[^\W\d]\w*)*"
)  # no __main__, which may be a program
SHOWN = 100  # characters of a name from a file


def require_trusted(path: Path, metadata: ModelMetadata) -> frozenset[str]:
    """Return the modules that a file names, after checking that all of them may be imported.

    A module may be imported if this process already has, or if it belongs to the installed
    distribution that provides the file's architecture; not if it merely lies in the working
    directory. A `PluginError` says that the distribution is not installed.
    """
    untrusted = sorted(m for m in metadata.modules if not _is_trusted(m, metadata))
    if not untrusted:
        return frozenset(metadata.modules)
    origin, module = metadata.origin, cut(untrusted[0], SHOWN)
    if _is_absent(origin.distribution):
        name, version = cut(origin.distribution, SHOWN), cut(origin.version, SHOWN)
        raise PluginError(
            f"The model {path} needs the architecture "
            f"{cut(metadata.architecture, SHOWN)!r} of {name} {version}, which is not installed.",
            remedy=f"Install it: pip install {name}=={version} (if you know that package)",
        )
    raise ModelFileError(
        f"Refused {path}: It needs the module {module!r}, which belongs to no installed package "
        f"that provides its architecture. If the module is yours, import it first; if you trust "
        f"whoever made the file, load it with trust=True (--trust)."
    )


def import_what_it_needs(metadata: ModelMetadata) -> None:
    """Import the modules that register a model's layers; a PluginError says what to install."""
    origin = metadata.origin
    for module in metadata.modules:
        try:
            import_module(module)
        except Exception as error:
            if is_installed(origin.distribution):
                remedy = f"Install {origin.distribution} {origin.version} again."
            elif origin.version:
                remedy = f"Install it: pip install {origin.distribution}=={origin.version}"
            else:
                remedy = f"Run where {module} can be imported (PYTHONPATH)."
            raise PluginError(
                f"This model needs the architecture {metadata.architecture!r} of {origin}, which "
                f"could not be imported: {type(error).__name__}: {error}.",
                remedy=remedy,
            ) from error


def _is_trusted(module: str, metadata: ModelMetadata) -> bool:
    if module in sys.modules:
        return True
    distribution = metadata.origin.distribution
    if canonical(distribution) in (BUILT_IN, LOCAL) or not _MODULE.fullmatch(module):
        return False
    package = module.partition(".")[0]
    return package in _packages(distribution) and _is_installed_there(package, distribution)


def _packages(distribution: str) -> set[str]:
    """The top-level packages of a distribution's architectures."""
    origins = [origin for name in architectures for origin in architectures.claims(name)]
    return {
        re.split(r"[.:]", origin.target)[0]
        for origin in origins
        if origin.distribution == canonical(distribution)
    }


def _is_installed_there(package: str, distribution: str) -> bool:
    """Return whether Python would import a package from where its distribution is installed.

    Another of this name may come earlier in the import path, and the working directory, which is on
    it, may contain what looks like an installed distribution.
    """
    found = next(iter(importlib_metadata.distributions(name=distribution)), None)
    spec = None if found is None else find_spec(package)
    if found is None or spec is None:
        return False
    places = list(spec.submodule_search_locations or ())
    home = Path(places[0]) if places else Path(spec.origin or ".")
    parent = home.parent.resolve()
    root = Path(str(found.locate_file(""))).resolve()
    here = Path.cwd().resolve()
    if here in (parent, root):
        return False
    # An editable install adds another folder, that of its code, to the import path.
    listed = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return parent == root or parent not in {Path(entry).resolve() for entry in listed}


def _is_absent(distribution: str) -> bool:
    name = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", distribution)
    return name is not None and not is_installed(distribution)
