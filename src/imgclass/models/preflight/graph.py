"""A whole configuration: every name and setting in it held against the lists, every size computed.

It is walked as Keras walks it, position by position, and what stands where nothing is expected is
refused; so nothing is passed over.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from imgclass.models.preflight.allowed import DTYPES, FUNCTIONAL, KERAS_PACKAGES, SEQUENTIAL
from imgclass.models.preflight.layers import LAYERS, Known
from imgclass.models.preflight.objects import Objects, is_number, is_plain
from imgclass.models.preflight.refusal import Refused, shown
from imgclass.models.preflight.sizes import Shape, Size, UnknownSizeError
from imgclass.models.preflight.values import INPUT_SHAPE, NAME_OF, is_name, policy

# Numbers, of four bytes each. The largest of keras.applications, EfficientNetB7 at 600 x 600, makes
# 17 million in one layer and 1.0 billion in all, of which few are in memory at a time.
LARGEST_OUTPUT = 2**27
LARGEST_SUM = 2**32
CALLS = 20_000  # of layers, in one prediction; NASNetLarge makes 1,041
ROUNDS = 64  # in which Keras finds what each layer takes; a file that Keras wrote needs few
OPEN_SIDE = 224  # pixels, of a side that the model leaves open

Arguments = tuple[list["Tensor"], list[float]]
_OUTER = frozenset({"module", "class_name", "config", "registered_name", "build_config"})
_MODEL = _OUTER | {"compile_config"}
_NODE = frozenset({"name", "inbound_nodes"})


@dataclass(frozen=True, slots=True)
class Tensor:
    """What a call takes: the output of a call of another layer, and the shape that is claimed."""

    layer: str
    call: int
    output: int
    claimed: Shape


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model needs.

    Attributes:
        outputs: The shapes of its outputs for one image.
        parameters: The numbers that its layers learn or keep.
        values: The numbers that one image becomes, in all layers.
        calls: Of layers.
    """

    outputs: tuple[Shape, ...] = ()
    parameters: int = 0
    values: int = 0
    calls: int = 0

    def plus(self, other: "Cost") -> "Cost":
        """Return what two models need, one behind the other."""
        return Cost(
            other.outputs,
            self.parameters + other.parameters,
            self.values + other.values,
            self.calls + other.calls,
        )


def require_harmless_config(config: Any, objects: Objects) -> Cost:
    """Return what the model of a configuration needs.

    Args:
        config: What `config.json` holds.
        objects: What it may name beside layers of Keras.

    Raises:
        Refused: It names, sets or needs what is not allowed.
    """
    walk = _Walk(objects)
    kind = _kind(config)
    if kind not in FUNCTIONAL | SEQUENTIAL:
        if objects.is_custom(config):
            walk.custom(config, "the model")
            return Cost()
        raise Refused(
            f"The model is a {shown(kind[1])} of {shown(kind[0])}; expected a Functional or "
            f"Sequential model of Keras."
        )
    if "compile_config" in config:  # it is not compiled when loaded, and none of this is read
        config = {key: value for key, value in config.items() if key != "compile_config"}
    return walk.model(config, None, "the model", nested=False)


def _kind(item: Any) -> tuple[Any, Any]:
    if not isinstance(item, dict):
        return None, None
    module, name = item.get("module"), item.get("class_name")
    return (module, name) if isinstance(module, str) and isinstance(name, str) else (None, None)


@dataclass(slots=True)
class _Walk:
    objects: Objects
    # Models by identity and the shapes they are given: one that is called twice is walked once.
    known: dict[tuple[int, tuple[Shape, ...] | None], Cost] = field(default_factory=dict)

    def model(
        self, item: dict[str, Any], inputs: tuple[Shape, ...] | None, place: str, *, nested: bool
    ) -> Cost:
        """Return what a model needs for the inputs it is given; its own where None are."""
        key = (id(item), inputs)
        if key in self.known:
            return self.known[key]
        self.objects.require_form(item, place, _MODEL | _NODE if nested else _MODEL)
        if item.get("compile_config"):
            self.objects.require_compiled(item["compile_config"], f"The compilation of {place}")
        if _kind(item) in SEQUENTIAL:
            cost = self.sequential(item, inputs, place)
        else:
            self.build_config(item, place)
            cost = _Functional(self, item["config"], place).cost(inputs)
        self.known[key] = cost
        return cost

    def sequential(
        self, item: dict[str, Any], inputs: tuple[Shape, ...] | None, place: str
    ) -> Cost:
        config = item["config"]
        _require_settings(
            config, {"name", "trainable", "dtype", "layers", "build_input_shape"}, place
        )
        if "dtype" in config:
            policy(config["dtype"], self.objects, f"The dtype of {place}")
        layers = _layers(config, place)
        given = [*self.build_config(item, place)]
        if (first := config.get("build_input_shape")) is not None:
            INPUT_SHAPE(first, self.objects, f"The input of {place}")
            given.append(_known(first))
        if layers and _kind(layers[0]) == ("keras.layers", "InputLayer"):
            given.append(self.input(layers.pop(0), place))
        if len(set(given)) > 1:
            raise Refused(f"{place} says two sizes of its input: {given[0]} and {given[-1]}.")
        if inputs is not None and len(inputs) != 1:
            raise Refused(f"{place} takes one input and receives {len(inputs)}.")
        names: set[str] = set()
        shapes = inputs or tuple(given[:1])
        if not shapes:
            raise Refused(f"{place} does not say the size of its input.")
        cost = Cost(shapes)
        for position, layer in enumerate(layers):
            name = self.name(layer, position, place, names)
            cost = cost.plus(self.call(layer, cost.outputs, [], f"The layer {shown(name)}"))
            self.require_calls(cost, place)
        return cost

    def name(self, layer: Any, position: int, place: str, names: set[str]) -> str:
        config = layer.get("config") if isinstance(layer, dict) else None
        if not isinstance(config, dict):
            raise Refused(f"Layer {position} of {place} is {shown(layer)}.")
        name = config.get("name")
        NAME_OF(name, self.objects, f"The name of layer {position} of {place}")
        if name in names:
            raise Refused(f"{place} has two layers named {shown(name)}.")
        names.add(name)
        return str(name)

    def input(self, item: Any, place: str) -> Shape:
        """Return the shape that an input layer says."""
        self.settings(item, LAYERS["keras.layers", "InputLayer"], f"The input of {place}")
        shape = item["config"].get("batch_shape")
        INPUT_SHAPE(shape, self.objects, f"The input of {place}")
        return _known(shape)

    def settings(self, item: dict[str, Any], known: Known, place: str) -> None:
        """Require the settings of a layer of Keras."""
        self.objects.require_form(item, place, _OUTER | _NODE)
        for key, value in item["config"].items():
            check = known.settings.get(key)
            if check is not None:
                check(value, self.objects, f"The {key} of {_lower(place)}")
            elif value is not None and value is not False:  # a setting of a later Keras, not used
                raise Refused(
                    f"{place} has the setting {shown(key)}, which {item['class_name']} has not or "
                    f"may not have."
                )

    def call(
        self, item: Any, shapes: Sequence[Shape], constants: Sequence[float], place: str
    ) -> Cost:
        """Return what one call of a layer or a model needs."""
        kind = _kind(item)
        if kind in FUNCTIONAL | SEQUENTIAL:
            own = self.model(item, None, place, nested=True) if _says_input(item) else Cost()
            called = self.model(item, tuple(shapes), place, nested=True)
            return Cost(
                called.outputs,
                called.parameters,
                own.values + called.values,
                own.calls + called.calls,
            )
        known = LAYERS.get(kind)
        if known is None:
            if not self.objects.is_custom(item):
                raise Refused(_unknown(item, kind, place))
            self.custom(item, place)
            return Cost(parameters=0, calls=1)
        self.settings(item, known, place)
        if constants and not _is_operation(kind):
            raise Refused(f"{place} is called with numbers.")
        inputs = [*shapes, *([()] * len(constants))] if _is_operation(kind) else shapes
        size = self.size(item, known, inputs, place)
        self.require_built(item, known, shapes, size, place)
        return Cost((size.shape,), size.parameters, _values(size, place), 1)

    def size(self, item: dict[str, Any], known: Known, shapes: Sequence[Shape], place: str) -> Size:
        try:
            return known.size(item["config"], shapes)
        except UnknownSizeError as error:
            raise Refused(f"{place} cannot be called: {error}.") from error
        except KeyError as error:
            raise Refused(f"{place} lacks the setting {shown(error.args[0])}.") from error
        except (IndexError, TypeError, ZeroDivisionError) as error:
            raise Refused(f"{place} cannot be called with {list(shapes)}: {error}.") from error

    def build_config(self, item: dict[str, Any], place: str) -> Iterator[Shape]:
        """Return the shapes for which Keras makes a layer's weights before it is called."""
        built = item.get("build_config")
        if built is None:
            return iter(())
        if not isinstance(built, dict) or len(built) > 1:
            raise Refused(f"What {_lower(place)} was built with is {shown(built)}.")
        [(key, value)] = built.items() or [("input_shape", None)]
        if key == "shapes_dict" and isinstance(value, dict):
            value = list(value.values())
        elif key != "input_shape":
            raise Refused(f"What {_lower(place)} was built with has the key {shown(key)}.")
        if value is None:
            return iter(())
        several = isinstance(value, list) and value and all(isinstance(s, list) for s in value)
        shapes = value if several else [value]
        for shape in shapes:
            INPUT_SHAPE(shape, self.objects, f"What {_lower(place)} was built with")
        return map(_known, shapes)

    def require_built(
        self, item: dict[str, Any], known: Known, shapes: Sequence[Shape], size: Size, place: str
    ) -> None:
        """Require that a layer is built with as many parameters as it is called with."""
        built = list(self.build_config(item, place))
        if built and built != list(shapes):
            again = self.size(item, known, built, place)
            if again.parameters != size.parameters:
                raise Refused(f"{place} was built for {built} and is called with {list(shapes)}.")

    def custom(self, item: dict[str, Any], place: str) -> None:
        """Require that what a trusted layer holds names nothing that is not allowed."""
        for key, value in item.items():
            if key not in ("inbound_nodes", "class_name", "module", "registered_name"):
                self.anything(value, place)

    def anything(self, value: Any, place: str) -> None:
        """Require that every object somewhere in a trusted layer's settings is allowed."""
        if isinstance(value, list):
            for part in value:
                self.anything(part, place)
            return
        if not isinstance(value, dict):
            return
        kind = _kind(value)
        if "class_name" in value and not self.objects.is_custom(value):
            if kind in LAYERS:
                self.settings(value, LAYERS[kind], place)
            elif kind in FUNCTIONAL | SEQUENTIAL:
                self.model(value, None, place, nested=True)
            elif kind[1] == "function":
                self.objects.require_activation(value, place)
            elif kind == ("keras", "DTypePolicy"):
                self.objects.require_policy(value, place)
            else:
                self.objects.require_any(value, place)
            return
        for part in value.values():
            self.anything(part, place)

    def require_calls(self, cost: Cost, place: str) -> None:
        """Require that a prediction ends."""
        if cost.calls > CALLS:
            raise Refused(
                f"{place} makes more than {CALLS:,} calls of layers, such as models do that call "
                f"models twice."
            )
        if cost.values > LARGEST_SUM:
            raise Refused(
                f"One image becomes {cost.values:,} numbers in {_lower(place)}; at most "
                f"{LARGEST_SUM:,} are allowed."
            )


@dataclass(slots=True)
class _Functional:
    """A graph of layers, and what is known of their calls so far."""

    walk: _Walk
    config: dict[str, Any]
    place: str
    layers: dict[str, Any] = field(default_factory=dict)
    # The outputs of each call of each layer; None where a trusted layer's cannot be known.
    made: dict[str, list[tuple[Shape, ...] | None]] = field(default_factory=dict)

    def cost(self, inputs: tuple[Shape, ...] | None) -> Cost:
        """Return what the graph needs for some inputs; for its own where None are given."""
        config, place = self.config, self.place
        _require_settings(
            config, {"name", "trainable", "layers", "input_layers", "output_layers"}, place
        )
        given = dict(zip(self.inputs(), inputs, strict=True)) if self.fits(inputs) else {}
        names: set[str] = set()
        waiting: dict[str, list[tuple[Arguments, list[Tensor]]]] = {}
        for position, item in enumerate(_layers(config, place)):
            name = self.walk.name(item, position, place, names)
            if item.get("name") != name:
                raise Refused(f"The layer {shown(name)} has another name where it is called.")
            self.layers[name] = item
            self.made[name] = []
            nodes = item.get("inbound_nodes")
            if not isinstance(nodes, list):
                raise Refused(f"The layer {shown(name)} does not say what it is called with.")
            if _kind(item) == ("keras.layers", "InputLayer"):
                own = self.walk.input(item, place)
                self.made[name].append((given.get(name, own),))
                if nodes:
                    raise Refused(f"The input {shown(name)} is called.")
            elif not nodes:
                raise Refused(f"The layer {shown(name)} is never called.")
            else:
                waiting[name] = [self.arguments(node, item, name) for node in nodes]
        total = self.run(waiting)
        outputs = [self.output(*end) for end in self.ends("output_layers")]
        known = tuple(shape for shape in outputs if shape is not None)
        return Cost(known, total.parameters, total.values, total.calls)

    def fits(self, inputs: tuple[Shape, ...] | None) -> bool:
        if inputs is None:
            return False
        if len(self.inputs()) != len(inputs):
            raise Refused(
                f"{self.place} takes {len(self.inputs())} inputs; it receives {len(inputs)}."
            )
        return True

    def run(self, waiting: dict[str, list[tuple[Arguments, list[Tensor]]]]) -> Cost:
        """Make the calls that wait, in the rounds in which Keras makes them."""
        total, rounds = Cost(), 0
        while waiting:
            rounds += 1
            before = total.calls
            for name in list(waiting):
                calls = waiting[name]
                while calls and (shapes := self.shapes(calls[0][1])) is not None:
                    (_, constants), _ = calls.pop(0)
                    total = total.plus(self.call(name, shapes, constants))
                    self.walk.require_calls(total, self.place)
                if not calls:
                    del waiting[name]
            if waiting and (total.calls == before or rounds > ROUNDS):
                name = next(iter(waiting))
                raise Refused(f"The layer {shown(name)} takes what no layer before it gives.")
        return total

    def call(self, name: str, shapes: list[Shape], constants: list[float]) -> Cost:
        """Make one call; parameters count with the first."""
        cost = self.walk.call(self.layers[name], shapes, constants, f"The layer {shown(name)}")
        parameters = 0 if self.made[name] else cost.parameters
        self.made[name].append(cost.outputs or None)
        return Cost((), parameters, cost.values, cost.calls)

    def shapes(self, tensors: list[Tensor]) -> list[Shape] | None:
        """Return the shapes of what a call takes; None while they are not known."""
        found = []
        for tensor in tensors:
            calls = self.made.get(tensor.layer)
            if calls is None:
                raise Refused(f"There is no layer {shown(tensor.layer)}, whose output is taken.")
            if tensor.call >= len(calls):
                return None
            outputs = calls[tensor.call]
            if outputs is None:  # of a trusted layer: what the file says is believed
                found.append(tensor.claimed)
            elif tensor.output >= len(outputs):
                raise Refused(f"The layer {shown(tensor.layer)} has no output {tensor.output}.")
            else:
                found.append(outputs[tensor.output])
        return found

    def arguments(
        self, node: Any, item: dict[str, Any], name: str
    ) -> tuple[Arguments, list[Tensor]]:
        """Return what a call takes."""
        place = f"The call of the layer {shown(name)}"
        if not isinstance(node, dict) or set(node) != {"args", "kwargs"}:
            raise Refused(f"{place} is {shown(node)}, a form of before Keras 3.")
        if not isinstance(node["args"], list) or not isinstance(node["kwargs"], dict):
            raise Refused(f"{place} has arguments of another form than Keras writes.")
        tensors: list[Tensor] = []
        constants: list[float] = []
        known = LAYERS.get(_kind(item))
        custom = known is None and self.walk.objects.is_custom(item)
        _gather(node["args"], place, tensors, constants)
        for key, value in node["kwargs"].items():
            takes = custom or (known is not None and key in known.takes)
            if takes and not is_plain(value):
                _gather([value], place, tensors, constants)
            elif (
                value is not None
                and not isinstance(value, bool)
                and not (
                    custom
                    or (known is not None and _is_operation(_kind(item)) and is_number(value))
                )
            ):
                raise Refused(f"{place} has the argument {shown(key)}.")
        if not tensors:
            raise Refused(f"{place} takes no tensor.")
        return (tensors, constants if not custom else []), tensors

    def inputs(self) -> list[str]:
        return [name for name, _, _ in self.ends("input_layers")]

    def ends(self, key: str) -> list[tuple[str, int, int]]:
        """Return the calls whose outputs are the graph's inputs or outputs."""
        value = self.config.get(key)
        ends = [value] if isinstance(value, list) and value and isinstance(value[0], str) else value
        if not isinstance(ends, list) or not ends:
            raise Refused(f"The {key} of {_lower(self.place)} are {shown(value)}.")
        for end in ends:
            form = isinstance(end, list) and len(end) == 3 and isinstance(end[0], str)
            if not form or not all(type(number) is int and number >= 0 for number in end[1:]):
                raise Refused(f"The {key} of {_lower(self.place)} are {shown(value)}.")
        return [(end[0], end[1], end[2]) for end in ends]

    def output(self, name: str, call: int, output: int) -> Shape | None:
        calls = self.made.get(name, [])
        # Keras counts the calls of a Functional model from 1, its own definition being the first.
        if _kind(self.layers.get(name)) in FUNCTIONAL:
            call -= 1
        if not 0 <= call < len(calls):
            raise Refused(f"There is no output {call} of a layer {shown(name)}.")
        outputs = calls[call]
        if outputs is None:
            return None
        if output >= len(outputs):
            raise Refused(f"The layer {shown(name)} has no output {output}.")
        return outputs[output]


def _gather(
    value: Any, place: str, tensors: list[Tensor], constants: list[float], depth: int = 0
) -> None:
    """Collect the tensors and numbers among a call's arguments; refuse everything else."""
    if isinstance(value, list) and depth < 4:
        for part in value:
            _gather(part, place, tensors, constants, depth + 1)
    elif isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        tensors.append(_tensor(value, place))
    elif is_number(value):
        constants.append(value)
    elif value is not None and not isinstance(value, bool):
        raise Refused(f"{place} takes {shown(value)}, which is neither a tensor nor a number.")


def _tensor(item: dict[str, Any], place: str) -> Tensor:
    config = item.get("config")
    if set(item) != {"class_name", "config"} or not isinstance(config, dict):
        raise Refused(f"{place} takes a tensor of another form than Keras writes.")
    if not set(config) <= {"shape", "dtype", "keras_history"}:
        raise Refused(f"{place} takes a tensor of another form than Keras writes.")
    history, shape = config.get("keras_history"), config.get("shape")
    fits = (
        isinstance(history, list)
        and len(history) == 3
        and is_name(history[0])
        and all(type(number) is int and number >= 0 for number in history[1:])
        and isinstance(config.get("dtype"), str)
        and config["dtype"] in DTYPES
        and INPUT_SHAPE.fits(shape)
    )
    if not fits:
        raise Refused(f"{place} takes a tensor that does not say where it comes from.")
    return Tensor(history[0], history[1], history[2], _known(shape))


def _require_settings(config: dict[str, Any], allowed: set[str], place: str) -> None:
    if strange := set(config) - allowed:
        raise Refused(f"{place} has the setting {shown(min(strange))}, which it may not have.")
    if not isinstance(config.get("trainable", True), bool | None):
        raise Refused(f"The trainable of {_lower(place)} is {shown(config['trainable'])}.")
    if (name := config.get("name")) is not None and not is_name(name):
        raise Refused(f"The name of {_lower(place)} is {shown(name)}.")


def _layers(config: dict[str, Any], place: str) -> list[Any]:
    layers = config.get("layers")
    if not isinstance(layers, list) or not layers or not all(isinstance(x, dict) for x in layers):
        raise Refused(f"{place} has no list of layers.")
    return list(layers)


def _known(shape: list[int | None]) -> Shape:
    """Return the shape of one image of a batch, with what is open in it filled in."""
    return tuple(OPEN_SIDE if side is None else side for side in shape[1:])


def _says_input(item: dict[str, Any]) -> bool:
    """Return whether a model's inputs have sizes of their own, with which Keras calls it first."""
    if _kind(item) in FUNCTIONAL:
        return True
    config = item.get("config")
    layers = config.get("layers") if isinstance(config, dict) else None
    first = layers[0] if isinstance(layers, list) and layers else None
    return _kind(first) == ("keras.layers", "InputLayer")


def _values(size: Size, place: str) -> int:
    values = math.prod(size.shape) + size.scratch
    if values > LARGEST_OUTPUT:
        raise Refused(
            f"{place} makes {values:,} numbers of one image; at most {LARGEST_OUTPUT:,} are allowed."
        )
    return values


def _unknown(item: Any, kind: tuple[Any, Any], place: str) -> str:
    module, name = (item.get("module"), item.get("class_name")) if isinstance(item, dict) else kind
    what = f"{place} is a {shown(name)} of {shown(module)}"
    if isinstance(module, str) and module.partition(".")[0] not in KERAS_PACKAGES:
        return f"{what}, which is not registered. Import {shown(module)} first if you trust it."
    return f"{what}, which is not on the list of what a model file may name."


def _is_operation(kind: tuple[Any, Any]) -> bool:
    return isinstance(kind[0], str) and kind[0].startswith("keras.src.ops.")


def _lower(place: str) -> str:
    return place[:1].lower() + place[1:]
