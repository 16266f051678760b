"""Trainings that should be gone on with on something else: refused, and what it is gets named."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.robustness.children import in_child, start
from benchmarks.robustness.resumable import (
    CALM,
    DATA,
    RUN,
    Disturbance,
    at_tick,
    disturbed,
    experiment_of,
    go_on,
    kill,
    own_place,
    require_same,
    train,
    write_data,
)
from benchmarks.robustness.side_by_side import Case, try_each
from benchmarks.robustness.trials import BrokenPromiseError, Row, Trials, require
from imgclass import Experiment, ModelSpec, Run
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.errors import CheckpointError, DatasetError
from imgclass.execution.preparation import open_experiment_flows
from imgclass.models import architectures
from imgclass.run.directory import CHECKPOINTS, EXPERIMENT
from imgclass.serialization import dump_json
from imgclass.training.checkpoints.folder import CheckpointFolder

ARCHITECTURE, SETUP = "own", "cached, one phase"
TICK = 19  # in the third epoch
PATIENCE = 9
LIMIT = 120.0  # seconds
Attempt = Callable[[Path, Path], Any]


@dataclass(frozen=True, slots=True)
class Alteration:
    """Something that is another than the training began with.

    Attributes:
        what: In words.
        says: What the error must say.
        attempt: Goes on with the run and the data set given, which are its own.
    """

    what: str
    says: tuple[str, ...]
    attempt: Attempt


def prove(scratch: Path, *, short: bool) -> Row:
    """Try each alteration on a copy of a training that was killed in its third epoch."""
    home, trials = scratch / "altered", Trials()
    home.mkdir()
    data = write_data(home)
    killed = Disturbance(tick=at_tick(TICK, kill))
    require(start(_train, data, home, killed).was_killed(), "it ended before it was killed")
    if not short:
        with trials.trial("nothing altered", limit=LIMIT):
            _require_as_undisturbed(data, home, scratch)
    cases: list[Case] = [(each.what, partial(_try, each, home)) for each in _alterations()]
    list(try_each(trials, cases[:: 2 if short else 1], title="altered"))
    shutil.rmtree(home)
    return trials.row(
        what="going on with a training on other data, another model, other settings or versions",
        promise="refused, and the message names what was altered",
        note="by `resume_run` and by `Trainer.resume`",
    )


def _require_as_undisturbed(data: Path, home: Path, scratch: Path) -> None:
    """Require that the training can be gone on with where nothing is altered."""

    def trained() -> Any:
        with own_place(scratch) as place:
            return _train(data, place)

    def gone_on_with() -> Any:
        with own_place(scratch) as place:
            run = shutil.copytree(home / RUN, place / RUN)
            return _go_on(run, data)

    expected = start(trained)
    found = in_child(gone_on_with)
    require_same(found, expected.result())


def _try(alteration: Alteration, home: Path) -> None:
    """Try one on copies; for a process of its own."""
    with own_place(home) as place:
        run = shutil.copytree(home / RUN, place / RUN)
        data = shutil.copytree(home / DATA, place / DATA)
        said = ""
        try:
            in_child(alteration.attempt, run, data)
        except BrokenPromiseError as error:  # as which a child's error comes
            said = str(error)
        require(said, "it was gone on with")
        kinds = (CheckpointError.__name__, DatasetError.__name__)
        require(said.startswith(kinds), f"ended in {said}")
        missing = [word for word in alteration.says if word not in said]
        require(not missing, f"the error does not say {missing}: {said}")


def _alterations() -> Iterator[Alteration]:
    yield Alteration("an image's bytes", ("has other bytes", "ant"), _altering(_other_bytes))
    yield Alteration("an image removed", ("not there", "train/ant/"), _altering(_remove))
    yield Alteration("a class's folder renamed", ("not there", "train/ant/"), _altering(_rename))
    yield Alteration(
        "a class of another name", ("classes",), _on_other_data(classes=("ape", "bee"))
    )
    yield Alteration("another split", ("another split",), _on_other_data(seed=5))
    yield Alteration("versions", ("keras was 3.0.0 and is",), _with_other_versions)
    yield Alteration(
        "an architecture's code",
        ("model", "layers was"),
        partial(_go_on, activation="tanh"),
    )
    yield Alteration(
        "callbacks' options",
        ("callback 1, EarlyStopping(patience) was 9 and is 4",),
        partial(_go_on, patience=4),
    )
    settings: dict[str, dict[str, Any]] = {
        "training": {
            "epochs": 9,
            "learning_rate": 0.1,
            "optimizer": "sgd",
            "batch_size": 5,
            "seed": 7,
            "label_smoothing": 0.2,
            "patience": 4,
            "schedule": "constant",
            "weight_decay": 0.1,
        },
        "spec": {"image_size": (9, 9), "width": 5, "depth": 2, "dropout": 0.5},
        "": {"augmentation": "none", "pipeline": "generator", "resize": "pad"},
    }
    names_of_data = {
        "batch_size": "batch size",
        "augmentation": "first training batch",
        "pipeline": "first training batch",
    }
    names_of_model = dict.fromkeys(("width", "depth"), "weights was") | {"dropout": "layers was"}
    for group, changes in settings.items():
        for name, value in changes.items():
            changed = partial(_changed, group=group, name=name, value=value)
            yield Alteration(f"{name} asked for", (name,), partial(_go_on, changed=changed))
            if name == "resize":  # of square images nothing is seen
                continue
            said = (names_of_data | names_of_model | {"image_size": "image size"}).get(name, name)
            resume = partial(_resume, changed=changed, is_only_recipe=name == "seed")
            yield Alteration(f"Trainer's {name}", (said,), resume)
    yield Alteration(
        "Trainer's order of images",
        ("first training batch",),
        partial(_resume, changed=partial(_changed, group="training", name="seed", value=7)),
    )
    yield Alteration(
        "Trainer's callbacks",
        ("EarlyStopping(patience) was 9 and is 4",),
        partial(_resume, patience=4),
    )
    yield Alteration("Trainer's architecture", ("layers was",), partial(_resume, activation="tanh"))
    # As where somebody edits the run's own file.
    for group, name, value in (
        ("", "augmentation", "none"),
        ("", "pipeline", "generator"),
        ("training", "seed", 7),
    ):
        changed = partial(_changed, group=group, name=name, value=value)
        edited = partial(_edited, changed=changed)
        yield Alteration(f"{name} in {EXPERIMENT}", ("first training batch",), edited)


def _changed(experiment: Experiment, *, group: str, name: str, value: Any) -> Experiment:
    if not group:
        return replace(experiment, **{name: value})
    return replace(experiment, **{group: replace(getattr(experiment, group), **{name: value})})


def _register(activation: str) -> None:
    """Register an architecture: the library's own with another activation at its end."""

    def own(spec: ModelSpec, num_classes: int) -> Any:
        import keras

        model = architectures["cnn"](spec, num_classes)
        last = model.layers[-2].output
        outputs = model.layers[-1](keras.layers.Activation(activation, name="own")(last))
        return keras.Model(model.inputs, outputs)

    architectures.register(ARCHITECTURE, own)


def _callbacks(patience: int) -> Any:
    import keras

    return keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience)


def _train(data: Path, place: Path, disturbance: Disturbance = CALM) -> Any:
    _register("relu")
    experiment = replace(experiment_of(SETUP), architecture=ARCHITECTURE)
    return train(experiment, data, place, disturbance, callbacks=partial(_callbacks, PATIENCE))


def _go_on(
    run: Path,
    data: Path,
    *,
    activation: str = "relu",
    patience: int = PATIENCE,
    changed: Callable[[Experiment], Experiment] = lambda experiment: experiment,
) -> Any:
    _register(activation)
    experiment = changed(Run.load(run).experiment)
    return go_on(run, data=data, experiment=experiment, callbacks=_callbacks(patience))


def _resume(
    run: Path,
    data: Path,
    *,
    activation: str = "relu",
    patience: int = PATIENCE,
    changed: Callable[[Experiment], Experiment] = lambda experiment: experiment,
    is_only_recipe: bool = False,
) -> None:
    """Go on by a Trainer, whose model and flows somebody opened otherwise, or only its recipe."""
    from imgclass import Trainer
    from imgclass.models.builder import build_model
    from imgclass.training.hardware import building

    _register(activation)
    before = Run.load(run).experiment
    experiment = changed(before)
    with disturbed(CALM):
        with building(precision="float32", seed=0):
            model = build_model(ARCHITECTURE, experiment.spec, num_classes=2)
        fed = before if is_only_recipe else experiment
        flows = open_experiment_flows(ImageFolder.open(data), fed)
        trainer = Trainer(experiment.training, callbacks=_callbacks(patience), progress=False)
        trainer.resume(model, flows, checkpoints=run / CHECKPOINTS)


def _edited(run: Path, data: Path, *, changed: Callable[[Experiment], Experiment]) -> None:
    experiment = changed(Run.load(run).experiment)
    (run / EXPERIMENT).write_text(dump_json(experiment), encoding="utf-8")
    _go_on(run, data)


def _altering(alter: Callable[[Path], None]) -> Attempt:
    def attempt(run: Path, data: Path) -> None:
        alter(data)
        _go_on(run, data)

    return attempt


def _other_bytes(data: Path) -> None:
    image = _first(data)
    content = bytearray(image.read_bytes())
    content[-1] ^= 1
    image.unlink()  # it may be a link
    image.write_bytes(content)


def _remove(data: Path) -> None:
    _first(data).unlink()


def _first(data: Path) -> Path:
    return min((data / "train" / "ant").iterdir())


def _rename(data: Path) -> None:
    for split in ("train", "val", "test"):
        (data / split / "ant").rename(data / split / "ape")


def _on_other_data(**options: Any) -> Attempt:
    def attempt(run: Path, data: Path) -> None:
        _go_on(run, write_data(data.parent / "other", **options))

    return attempt


def _with_other_versions(run: Path, data: Path) -> None:
    folder = CheckpointFolder(run / CHECKPOINTS)
    newest = folder.newest()
    setting = newest.state.setting
    setting = replace(setting, versions={**setting.versions, "keras": "3.0.0"})
    folder.write(replace(newest.state, setting=setting), newest.arrays)
    _go_on(run, data)
