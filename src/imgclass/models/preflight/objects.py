"""Checks of the objects, other than layers, that a configuration names: initializers and so on."""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from imgclass.models.preflight.allowed import (
    ACTIVATIONS,
    COMPILED,
    CONSTRAINTS,
    DTYPE_POLICIES,
    INITIALIZERS,
    KERAS_PACKAGES,
    REGULARIZERS,
)
from imgclass.models.preflight.refusal import Refused, shown

NAMED = {
    "keras.initializers": INITIALIZERS,
    "keras.regularizers": REGULARIZERS,
    "keras.constraints": CONSTRAINTS,
}
LENGTH = 64  # of a text or a list of numbers among an object's settings
# Functions in Keras's modules of losses and metrics that are neither.
_NO_FUNCTIONS = frozenset({"deserialize", "get", "serialize"})
_SAME = ("module", "class_name", "config", "registered_name")
OBJECT_KEYS = frozenset({"module", "class_name", "config", "registered_name", "shared_object_id"})


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number, not a bool."""
    return type(value) is int or (type(value) is float and math.isfinite(value))


def is_plain(value: Any) -> bool:
    """Return whether a value is None, a bool, a number, or a short text or list of numbers."""
    if isinstance(value, list):
        return len(value) <= LENGTH and all(x is None or is_number(x) for x in value)
    if isinstance(value, str):
        return len(value) <= LENGTH
    return value is None or isinstance(value, bool) or is_number(value)


@dataclass(frozen=True, slots=True)
class Objects:
    """Checks objects; a file may name the registered classes of trusted modules.

    `shared` has the object seen with each `shared_object_id`. All methods `require_...` raise
    `Refused` for what is not allowed, with its `place`.
    """

    trusted_modules: frozenset[str] = frozenset()
    shared: dict[int, Any] = field(default_factory=dict)

    def is_custom(self, item: Any) -> bool:
        """Return whether an object is not Keras's, but of a trusted module or registered here."""
        if not isinstance(item, dict):
            return False
        module, name = item.get("module"), item.get("registered_name")
        kind = item.get("class_name")
        if not isinstance(kind, str) or kind.startswith("__"):  # such as __lambda__
            return False
        if kind == "function":
            name = item.get("config")
        if not isinstance(name, str) or not name:
            return False
        if isinstance(module, str) and module.partition(".")[0] in KERAS_PACKAGES:
            return False
        return _is_registered(name) or (
            isinstance(module, str) and module in self.trusted_modules and ">" in name
        )

    def require_named(self, item: Any, module: str, place: str) -> None:
        """Require None, or an object on the list of `module`, by name or description."""
        names = NAMED[module]
        if item is None or self.is_custom(item):
            self.require_anything(item, place)
            return
        if isinstance(item, str):
            if item.replace("_", "").lower() not in {name.lower() for name in names}:
                raise Refused(f"{place} is {shown(item)}, which is not on the list of {module}.")
            return
        self.require_built_in(item, {module: names}, place)

    def require_activation(self, item: Any, place: str) -> None:
        """Require an activation, by name or as the description of a function."""
        name = item
        if isinstance(item, dict) and item.get("class_name") == "function":
            if self.is_custom(item):
                return
            built_in = item.get("module") in ("builtins", "keras.activations")
            if built_in and item.get("registered_name") in (None, "function", item.get("config")):
                name = item.get("config")
        if name is not None and not (isinstance(name, str) and name in ACTIVATIONS):
            raise Refused(f"{place} is {shown(item)}, which is not on the list of activations.")

    def require_policy(self, item: Any, place: str) -> None:
        """Require a number type or a dtype policy, by name or description."""
        name = item
        if isinstance(item, dict):
            self.require_built_in(item, {"keras": frozenset({"DTypePolicy"})}, place)
            name = item["config"].get("name")
        if name is not None and not (isinstance(name, str) and name in DTYPE_POLICIES):
            raise Refused(f"{place} is {shown(name)}, which is not a number type.")

    def require_built_in(self, item: Any, groups: dict[str, frozenset[str]], place: str) -> None:
        """Require an object of a class in `groups`, with plain settings."""
        self.require_form(item, place, OBJECT_KEYS)
        _require_listed(item, groups, place)
        for key, value in item["config"].items():
            if not is_plain(value):
                raise Refused(f"{place} has the setting {shown(key)}, which is not plain.")
        self.remember(item, place)

    def require_anything(
        self, value: Any, place: str, *, layer: Callable[[dict[str, Any], str], bool] | None = None
    ) -> None:
        """Require that everything within a trusted object is allowed.

        `layer` checks a layer or a model, and returns whether it was one.
        """
        if isinstance(value, list):
            for part in value:
                self.require_anything(part, place, layer=layer)
        elif isinstance(value, dict) and ("class_name" not in value or self.is_custom(value)):
            for part in value.values():
                self.require_anything(part, place, layer=layer)
        elif isinstance(value, dict) and not (layer is not None and layer(value, place)):
            if value["class_name"] == "function":
                self.require_activation(value, place)
            elif value["class_name"] == "DTypePolicy":
                self.require_policy(value, place)
            else:
                self.require_built_in(value, NAMED | COMPILED, place)

    def require_form(self, item: Any, place: str, keys: frozenset[str]) -> None:
        """Require the form of Keras's own objects."""
        if not isinstance(item, dict) or not isinstance(item.get("config"), dict):
            raise Refused(f"{place} is {shown(item)}, where an object's description should be.")
        if strange := set(item) - keys:
            raise Refused(f"{place} has the key {shown(min(strange))}, which Keras does not write.")
        if item.get("registered_name") not in (None, item.get("class_name")):
            raise Refused(
                f"{place} has the registered name {shown(item['registered_name'])}, but "
                f"{shown(item.get('class_name'))} of Keras has none."
            )

    def remember(self, item: dict[str, Any], place: str) -> None:
        """Require that objects of one `shared_object_id` are equal: Keras makes only the first."""
        if "shared_object_id" not in item:
            return
        number, what = item["shared_object_id"], [item.get(key) for key in _SAME]
        if type(number) is not int or self.shared.setdefault(number, what) != what:
            raise Refused(f"{place} shares its number with another object.")

    def require_compiled(self, item: Any, place: str) -> None:
        """Require compile settings of Keras's optimizers, losses and metrics only."""
        if isinstance(item, list):
            for value in item:
                self.require_compiled(value, place)
        elif isinstance(item, dict) and "class_name" not in item:
            for value in item.values():
                self.require_compiled(value, place)
        elif self.is_custom(item):
            self.require_anything(item, place)
        elif isinstance(item, dict):
            self._require_compiled_object(item, place)
        elif not is_plain(item):
            raise Refused(f"{place} has the setting {shown(item)}, which is not plain.")

    def _require_compiled_object(self, item: dict[str, Any], place: str) -> None:
        if item.get("class_name") == "DTypePolicy":
            self.require_policy(item, place)
            return
        if item.get("class_name") == "function":
            # Keras looks for it in its own modules of losses and metrics only.
            name, module = item.get("config"), item.get("module")
            if module != "builtins" or not isinstance(name, str) or name in _NO_FUNCTIONS:
                raise Refused(f"{place} names a function of {shown(module)}.")
            return
        self.require_form(item, place, OBJECT_KEYS | {"build_config"})
        _require_listed(item, COMPILED, place)
        self.remember(item, place)
        for value in item["config"].values():
            self.require_compiled(value, place)


def _require_listed(item: dict[str, Any], groups: dict[str, frozenset[str]], place: str) -> None:
    """Require a class in `groups`, sets of names by module."""
    module, name = item.get("module"), item.get("class_name")
    if not isinstance(name, str) or name not in groups.get(str(module), frozenset()):
        raise Refused(
            f"{place} names {shown(name)} of {shown(module)}, which is not on the list of what a "
            f"model file may name."
        )


def _is_registered(name: str) -> bool:
    """Whether a name is registered with Keras; before Keras is imported, none is."""
    saving = getattr(sys.modules.get("keras"), "saving", None)
    find = getattr(saving, "get_registered_object", None)
    return find is not None and find(name) is not None
