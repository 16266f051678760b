"""The cost of a Functional model, found by following its calls in Keras's order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from imgclass.models.preflight.allowed import FUNCTIONAL
from imgclass.models.preflight.calls import Call, Tensor, read_call, read_ends
from imgclass.models.preflight.cost import Cost, require_modest
from imgclass.models.preflight.layers import INPUT, LAYERS, is_operation, kind_of
from imgclass.models.preflight.refusal import Refused, shown
from imgclass.models.preflight.sizes import Shape

ROUNDS = 64  # through the layers until all calls are made; Keras's own files need few

Outputs = tuple[Shape, ...]


class Walk(Protocol):
    """The walk through the whole configuration."""

    def layers(
        self, config: dict[str, Any], settings: frozenset[str], place: str
    ) -> dict[str, dict[str, Any]]:
        """Return layers of known classes by name, in order."""

    def input(self, item: dict[str, Any], place: str) -> Shape:
        """Return the shape of an input layer."""

    def is_custom(self, item: dict[str, Any]) -> bool:
        """Return whether a layer is not Keras's, but trusted."""

    def call(
        self, item: dict[str, Any], shapes: Sequence[Shape] | None, numbers: int, place: str
    ) -> Cost:
        """Return the cost of one call of a layer."""


SETTINGS = frozenset({"name", "trainable", "layers", "input_layers", "output_layers"})


@dataclass(slots=True)
class Graph:
    """The layers of a Functional model by name, and the calls that have been followed so far.

    `made` has the outputs of each call of each layer; None if a trusted layer decides them.
    """

    walk: Walk
    config: dict[str, Any]
    place: str
    layers: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: dict[str, list[Outputs | None]] = field(default_factory=dict)

    def cost(self, inputs: Outputs | None) -> Cost:
        """Return the cost for inputs of some shapes; None for those that the model declares."""
        self.layers = self.walk.layers(self.config, SETTINGS, self.place)
        self.made = {name: [] for name in self.layers}
        given = self.given(inputs)
        waiting: dict[str, list[Call]] = {}
        for name, item in self.layers.items():
            calls = self.calls(name, item)
            if kind_of(item) == INPUT:
                own = self.walk.input(item, f"the input {shown(name)}")
                self.made[name].append((given.get(name, own),))
            else:
                waiting[name] = calls
        total = self.run(waiting)
        # In output_layers the calls of a Functional model count from 1: 0 is its definition.
        outputs = [
            self.output(end, first=int(kind_of(self.layers.get(end.layer)) in FUNCTIONAL))
            for end in self.ends("output_layers")
        ]
        known = tuple(shape for shape in outputs if shape is not None)
        return Cost(known if len(known) == len(outputs) else (), *total)

    def ends(self, key: str) -> list[Tensor]:
        """Return the tensors in `input_layers` or `output_layers`."""
        return read_ends(self.config.get(key), f"The {key} of {self.place}")

    def given(self, inputs: Outputs | None) -> dict[str, Shape]:
        """Return the inputs' shapes by their layers' names; empty for None."""
        names = [end.layer for end in self.ends("input_layers")]
        for name in names:
            if kind_of(self.layers.get(name)) != INPUT:
                raise Refused(f"The input {shown(name)} of {self.place} is no input layer.")
        if inputs is None:
            return {}
        if len(names) != len(inputs):
            raise Refused(
                f"{len(inputs)} inputs are given to {self.place}, which has {len(names)}."
            )
        return dict(zip(names, inputs, strict=True))

    def calls(self, name: str, item: dict[str, Any]) -> list[Call]:
        """Return a layer's calls."""
        place = f"the layer {shown(name)}"
        if item.get("name") != name:
            raise Refused(f"{place} has another name in its configuration.")
        nodes, kind = item.get("inbound_nodes"), kind_of(item)
        if not isinstance(nodes, list) or bool(nodes) == (kind == INPUT):
            raise Refused(f"{place} is {'called' if nodes else 'never called'}.")
        layer = LAYERS.get(kind)
        return [
            read_call(
                node,
                place,
                takes=layer.takes if layer else (),
                custom=self.walk.is_custom(item),
                operation=is_operation(kind),
            )
            for node in nodes
        ]

    def run(self, waiting: dict[str, list[Call]]) -> tuple[int, int, int]:
        """Follow all calls; return their parameters, values and number.

        As in Keras, every round makes the calls whose tensors are known. A file with its layers in
        reverse would need many rounds, and is refused.
        """
        total = Cost()
        for _ in range(ROUNDS):
            before = total.calls
            for name in list(waiting):
                calls = waiting[name]
                made = 0
                while made < len(calls) and (shapes := self.shapes(calls[made])) is not None:
                    total = total.plus(self.call(name, shapes, len(calls[made].numbers)))
                    require_modest(total, self.place)
                    made += 1
                waiting[name] = calls[made:]
                if not waiting[name]:
                    del waiting[name]
            if not waiting:
                return total.parameters, total.values, total.calls
            if total.calls == before:
                break
        name = next(iter(waiting))
        raise Refused(
            f"The layer {shown(name)} is called with an output that no layer before it makes."
        )

    def call(self, name: str, shapes: list[Shape], numbers: int) -> Cost:
        """Follow one call; a layer's parameters are counted with its first call."""
        cost = self.walk.call(self.layers[name], shapes, numbers, f"the layer {shown(name)}")
        parameters = 0 if self.made[name] else cost.parameters
        self.made[name].append(cost.outputs or None)
        return Cost((), parameters, cost.values, cost.calls)

    def shapes(self, call: Call) -> list[Shape] | None:
        """Return the shapes of a call's tensors; None while one is not known."""
        found = []
        for tensor in call.tensors:
            calls = self.made.get(tensor.layer)
            if calls is None:
                raise Refused(f"There is no layer {shown(tensor.layer)} in {self.place}.")
            if tensor.call >= len(calls):
                return None
            shape = self.output(tensor)
            found.append(tensor.claimed if shape is None else shape)
        return found

    def output(self, tensor: Tensor, *, first: int = 0) -> Shape | None:
        """Return the shape of an output; None if a trusted layer decides it.

        `first` is the number of a layer's first call.
        """
        calls, call = self.made.get(tensor.layer, []), tensor.call - first
        if not 0 <= call < len(calls):
            raise Refused(f"The layer {shown(tensor.layer)} has no call {tensor.call}.")
        outputs = calls[call]
        if outputs is None:
            return None
        if tensor.output >= len(outputs):
            raise Refused(f"The layer {shown(tensor.layer)} has no output {tensor.output}.")
        return outputs[tensor.output]
