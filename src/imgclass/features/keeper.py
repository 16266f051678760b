"""The features that were computed of a data set's flows, kept with them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
import numpy.typing as npt
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from imgclass.features.computation import compute_features
from imgclass.features.feature_flow import FeatureFlow
from imgclass.features.folding import folded
from imgclass.features.prefix import digest, until
from imgclass.flows.flow import Flow, Flows

EPOCH = "epoch "  # names the features of augmented images, before the epoch's number from 0


@dataclass(frozen=True)
class FeatureKeeper:
    """Computes what the part of `model` up to the layer `cut` makes of the images of `flows`.

    Features are kept in `flows.features`, by the layer, by a digest of the part, and by the split
    (`train`, `val`, `test`) or the epoch of augmented images (`epoch 0` ...). What is kept of an
    earlier layer is computed on from there.
    """

    model: keras.Model
    cut: Any
    flows: Flows
    shows_progress: bool = False
    check: Callable[[], None] = lambda: None

    @cached_property
    def digest(self) -> str:
        """What the features are a function of, besides the images."""
        return digest(until(self.model, self.cut))

    def forget_others(self) -> None:
        """Drop what is kept of other weights, or of layers after the cut: it may take much memory.

        Features of an earlier layer stay: a later phase, in which more layers learn, needs them.
        """
        known = {self.cut.name: self.digest} | {
            layer.name: digest(until(self.model, layer)) for layer in self._earlier
        }
        for key in [key for key in self._kept if key[:2] not in known.items()]:
            del self._kept[key]

    def keep(self, wanted: Mapping[str, Flow]) -> dict[str, npt.NDArray[Any]]:
        """Return the features of flows by name, computing those that are not kept yet.

        A flow of augmented images must be in the epoch that its name says.
        """
        missing = {name: flow for name, flow in wanted.items() if self._key(name) not in self._kept}
        total = sum(len(flow.paths) for flow in missing.values())
        with self._bar(total) as done:
            for name, flow in missing.items():
                if name.startswith(EPOCH):
                    flow.start_epoch(int(name.removeprefix(EPOCH)))
                prefix, fed = self._nearest(name, flow)
                self._kept[self._key(name)] = compute_features(prefix, fed, done=done)
        return {name: self._kept[self._key(name)] for name in wanted}

    @property
    def _kept(self) -> Any:
        return self.flows.features

    def _key(self, name: str) -> tuple[str, str, str]:
        return self.cut.name, self.digest, name

    def _nearest(self, name: str, flow: Flow) -> tuple[keras.Model, Flow]:
        """Return the network that computes the rest of a flow's features, and what feeds it."""
        for layer in reversed(self._earlier):
            key = (layer.name, digest(until(self.model, layer)), name)
            if key in self._kept:
                return self._between(layer), FeatureFlow(flow, [self._kept[key]])
        return self._prefix, flow

    @property
    def _earlier(self) -> list[Any]:
        """The layers before the cut of which there may be features, in the network's order."""
        names = {name for name, _, _ in self._kept} - {self.cut.name}
        return [layer for layer in until(self.model, self.cut).layers if layer.name in names]

    @cached_property
    def _prefix(self) -> keras.Model:
        # In float32: what is scored, and what another process loads, is the plain model.
        return folded(until(self.model, self.cut))

    def _between(self, layer: Any) -> keras.Model:
        """Return the network from a layer's output to the cut; built once for all flows."""
        if layer.name not in self._rests:
            self._rests[layer.name] = folded(keras.Model(layer.output, self.cut.output))
        return self._rests[layer.name]

    @cached_property
    def _rests(self) -> dict[str, keras.Model]:
        return {}

    @contextmanager
    def _bar(self, total: int) -> Iterator[Callable[[int], None]]:
        console = Console(stderr=True)
        bar = Progress(
            TextColumn("features of the frozen layers"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.speed:.0f} images/s" if total else ""),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not (self.shows_progress and total and console.is_terminal),
        )
        task = bar.add_task("features", total=total)

        def done(images: int) -> None:
            self.check()
            bar.advance(task, images)

        with bar:
            yield done


def kept_cut(model: keras.Model, flows: Flows) -> Any | None:
    """Return the last layer up to which `model` has features in `flows`; None if it has none."""
    known = {(name, found) for name, found, _ in flows.features}
    names = {name for name, _ in known}
    for layer in reversed(model.layers):
        if layer.name in names and (layer.name, digest(until(model, layer))) in known:
            return layer
    return None
