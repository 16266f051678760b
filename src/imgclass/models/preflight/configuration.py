"""The check of a whole configuration: every name and setting is allowed, every size is computed.

It is read as Keras reads it; an unexpected key is refused, so that nothing goes unchecked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from imgclass.models.preflight.allowed import FUNCTIONAL, KERAS_PACKAGES, SEQUENTIAL
from imgclass.models.preflight.calls import known
from imgclass.models.preflight.cost import Cost, cost_of, require_modest
from imgclass.models.preflight.functional import Graph, Outputs
from imgclass.models.preflight.layers import INPUT, LAYERS, Known, is_operation, kind_of
from imgclass.models.preflight.objects import Objects
from imgclass.models.preflight.refusal import Refused, shown
from imgclass.models.preflight.sizes import Shape, Size, UnknownSizeError
from imgclass.models.preflight.values import INPUT_SHAPE, NAME, is_name, policy

_MODELS = FUNCTIONAL | SEQUENTIAL
_LAYER = frozenset(
    {"module", "class_name", "config", "registered_name", "build_config", "name", "inbound_nodes"}
)
_SEQUENTIAL = frozenset({"name", "trainable", "dtype", "layers", "build_input_shape"})
_MODEL = "the model"
LAYERS_OF_ONE = 2_000  # layers of one model; NASNetLarge has 1,041


def require_harmless_config(config: Any, objects: Objects) -> Cost:
    """Return the cost of the model in a configuration that names and sets only what is allowed."""
    walk = _Walk(objects)
    if kind_of(config) in _MODELS:
        # Models are loaded without compiling; Keras then does not read these settings.
        config = {key: value for key, value in config.items() if key != "compile_config"}
        return walk.model(config, None, _MODEL)
    if objects.is_custom(config):
        walk.custom(config, _MODEL)
        return Cost()
    raise Refused(f"The model is {shown(config)}; expected a Functional or Sequential model.")


@dataclass(slots=True)
class _Walk:
    objects: Objects
    # By identity and input shapes: a model that is called twice is checked once.
    models: dict[tuple[int, Outputs | None], Cost] = field(default_factory=dict)

    def is_custom(self, item: dict[str, Any]) -> bool:
        return kind_of(item) not in LAYERS and self.objects.is_custom(item)

    def model(self, item: dict[str, Any], inputs: Outputs | None, place: str) -> Cost:
        """Return the cost for inputs of some shapes; None for those that the model declares."""
        key = (id(item), inputs)
        if key not in self.models:
            self.objects.require_form(item, place, _LAYER | {"compile_config"})
            self.objects.require_compiled(item.get("compile_config"), f"the compilation of {place}")
            if kind_of(item) in SEQUENTIAL:
                self.models[key] = self.sequential(item, inputs, place)
            else:
                self.built(item, place)
                self.models[key] = Graph(self, item["config"], place).cost(inputs)
        return self.models[key]

    def sequential(self, item: dict[str, Any], inputs: Outputs | None, place: str) -> Cost:
        config = item["config"]
        layers = list(self.layers(config, _SEQUENTIAL, place).values())
        policy(config.get("dtype"), self.objects, f"the dtype of {place}")
        given = self.built(item, place)
        if (first := config.get("build_input_shape")) is not None:
            INPUT_SHAPE(first, self.objects, f"the input of {place}")
            given.append(known(first))
        if kind_of(layers[0]) == INPUT:
            given.append(self.input(layers.pop(0), f"the input of {place}"))
        if len(set(given)) > 1:
            raise Refused(f"{place} has several sizes of its input: {shown(given)}.")
        shapes = inputs or tuple(given[:1])
        if len(shapes) != 1:
            raise Refused(f"{place} should have one input; it has {len(shapes)}.")
        cost = Cost(shapes)
        for layer in layers:
            name = f"the layer {shown(layer['config']['name'])}"
            # The output of a trusted layer is not known; then the file's own sizes are used.
            takes = list(cost.outputs) or self.built(layer, name) or None
            cost = cost.plus(self.call(layer, takes, 0, name))
            require_modest(cost, place)
        return cost

    def layers(
        self, config: dict[str, Any], settings: frozenset[str], place: str
    ) -> dict[str, dict[str, Any]]:
        """Return layers of known classes by name, in order."""
        items = config.get("layers")
        if not isinstance(items, list) or not items:
            raise Refused(f"There is no list of layers in {place}.")
        if len(items) > LAYERS_OF_ONE:
            raise Refused(f"There are {len(items):,} layers in {place}; at most {LAYERS_OF_ONE:,}.")
        found = {}
        for item in items:
            if kind_of(item) not in LAYERS and kind_of(item) not in _MODELS:
                self.require_custom(item, place)
            inner = item.get("config")
            name = inner.get("name") if isinstance(inner, dict) else None
            NAME(name, self.objects, f"the name of a layer of {place}")
            if name in found:
                raise Refused(f"Two layers of {place} are named {shown(name)}.")
            found[str(name)] = item
        if strange := set(config) - settings:
            raise Refused(f"{place} has the setting {shown(min(strange))}, which is not allowed.")
        fits = isinstance(config.get("trainable"), bool | None)
        if not fits or not (config.get("name") is None or is_name(config["name"])):
            raise Refused(f"The name of {place} is {shown(config.get('name'))}.")
        return found

    def require_custom(self, item: Any, place: str) -> None:
        if self.objects.is_custom(item):
            return
        inner = item.get("config") if isinstance(item, dict) else None
        name = inner.get("name") if isinstance(inner, dict) else None
        what = f"the layer {shown(name)} of {place} is {shown(item)}"
        registered = item.get("registered_name") if isinstance(item, dict) else None
        if isinstance(registered, str) and ">" in registered and not _is_of_keras(item):
            raise Refused(
                f"{what}, which is not registered. If it is yours, import its module first."
            )
        raise Refused(f"{what}, which is not on the list of what a model file may name.")

    def input(self, item: dict[str, Any], place: str) -> Shape:
        self.settings(item, LAYERS[INPUT], place)
        shape = item["config"].get("batch_shape")
        INPUT_SHAPE(shape, self.objects, f"the shape of {place}")
        return cost_of(Size(known(shape)), place).outputs[0]

    def settings(self, item: dict[str, Any], layer: Known, place: str) -> None:
        # Models may share only inputs: calls of other layers would be counted twice.
        shared = {"shared_object_id"} if kind_of(item) == INPUT else frozenset[str]()
        self.objects.require_form(item, place, _LAYER | shared)
        self.objects.remember(item, place)
        for key, value in item["config"].items():
            check = layer.settings.get(key)
            if check is not None:
                check(value, self.objects, f"{place}: {key}")
            elif value is not None and value is not False:
                # Unused options of a later Keras would be None or False.
                raise Refused(
                    f"{place} has the setting {shown(key)}: {shown(value)}, which is not allowed "
                    f"for {item['class_name']}."
                )

    def call(
        self, item: dict[str, Any], shapes: Sequence[Shape] | None, numbers: int, place: str
    ) -> Cost:
        """Return the cost of one call, as far as it is known without shapes."""
        kind = kind_of(item)
        if kind in _MODELS:
            if _says_input(item):  # Keras first makes its layers with its declared sizes
                self.model(item, None, place)
            return self.model(item, None if shapes is None else tuple(shapes), place)
        layer = LAYERS.get(kind)
        if layer is None:
            self.custom(item, place)
            return Cost(calls=1)
        self.settings(item, layer, place)
        if shapes is None:
            return Cost(calls=1)
        inputs = [*shapes, *([()] * numbers)] if is_operation(kind) else shapes
        size = _size(item, layer, inputs, place)
        built = self.built(item, place)
        if built and built != list(shapes):
            again = _size(item, layer, built, place)
            if again.parameters != size.parameters:
                raise Refused(f"{place} is built for {built} and called with {list(shapes)}.")
        return cost_of(size, place)

    def built(self, item: dict[str, Any], place: str) -> list[Shape]:
        """Return the input shapes for which Keras makes a layer's weights before calling it."""
        config = item.get("build_config") or {}
        if not isinstance(config, dict) or len(config) > 1:
            raise Refused(f"{place} is built with {shown(config)}.")
        value = config.get("input_shape")
        if isinstance(config.get("shapes_dict"), dict):
            value = list(config["shapes_dict"].values())
        elif set(config) - {"input_shape"}:
            raise Refused(f"{place} is built with {shown(next(iter(config)))}.")
        if value is None:
            return []
        several = isinstance(value, list) and value and isinstance(value[0], list)
        shapes = value if several else [value]
        for shape in shapes:
            INPUT_SHAPE(shape, self.objects, f"what {place} is built with")
        return [known(shape) for shape in shapes]

    def custom(self, item: dict[str, Any], place: str) -> None:
        """Require that a trusted layer names only what is allowed."""
        for key in ("config", "build_config", "compile_config"):
            self.objects.require_anything(item.get(key), place, layer=self.inner)

    def inner(self, item: dict[str, Any], place: str) -> bool:
        """Check a layer or a model in a trusted layer; return whether it is one."""
        kind = kind_of(item)
        if kind in LAYERS:
            self.settings(item, LAYERS[kind], place)
        elif kind in _MODELS:
            self.model(item, None, place)
        return kind in LAYERS or kind in _MODELS


def _size(item: dict[str, Any], layer: Known, shapes: Sequence[Shape], place: str) -> Size:
    try:
        return layer.size(item["config"], shapes)
    except UnknownSizeError as error:
        raise Refused(f"{place} cannot be called: {error}.") from error
    except KeyError as error:
        raise Refused(f"{place} lacks the setting {shown(error.args[0])}.") from error
    except (IndexError, TypeError, ValueError, ZeroDivisionError) as error:
        raise Refused(f"{place} cannot be called with {shown(list(shapes))}: {error}.") from error


def _is_of_keras(item: dict[str, Any]) -> bool:
    return kind_of(item)[0].partition(".")[0] in KERAS_PACKAGES


def _says_input(item: dict[str, Any]) -> bool:
    """Whether a model declares the sizes of its inputs."""
    if kind_of(item) in FUNCTIONAL:
        return True
    config = item.get("config")
    layers = config.get("layers") if isinstance(config, dict) else None
    return isinstance(layers, list) and bool(layers) and kind_of(layers[0]) == INPUT
