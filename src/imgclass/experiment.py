"""Experiment: everything that decides what is trained and how, as one value."""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, get_args

from imgclass.checks import flag, instance, one_of, optional, text
from imgclass.choices import AUTO, choose_architecture, choose_augmentation, choose_spec
from imgclass.flows import PRESETS, Augmentation, preset_or_own
from imgclass.flows.names import Pipeline
from imgclass.images import Resize
from imgclass.models import architectures
from imgclass.models.spec import ModelSpec
from imgclass.settings import check_settings, setting
from imgclass.training.config import TrainingConfig
from imgclass.validation import Check

if TYPE_CHECKING:
    from imgclass.data.dataset.image_folder import ImageFolder

# The kinds of fields that have fields of their own.
GROUPS = (ModelSpec, TrainingConfig, Augmentation)

_AUGMENTATION = instance(Augmentation, f"an Augmentation or one of {', '.join(PRESETS)}")
_PRESET_OR_OWN = Check(
    _AUGMENTATION.expected,
    lambda value: _AUGMENTATION.clean(preset_or_own(value)),
    names=tuple(PRESETS),
)


@dataclass(frozen=True, slots=True)
class Experiment:
    """An architecture, its knobs, the training recipe, augmentation, and how images are fed.

    Attributes:
        architecture: A name in the registry of architectures; `auto` takes a pretrained network for
            photographs if its weights are at hand, and `cnn` otherwise.
        spec: The architecture's knobs.
        training: The training recipe.
        augmentation: Random changes to the training images; a preset's name, such as `medium`,
            becomes its Augmentation; None takes `light`, or no changes for a frozen backbone.
        pipeline: `cached` decodes once and augments by batch; `streamed` decodes in every epoch, in
            little memory; `generator` is Keras's own.
        resize: What happens to the aspect ratio: `stretch`, `crop` or `pad`.
        tta: Test-time augmentation: predictions average an image and its mirror image, in twice the
            time; they are scored beside the plain ones.

    Raises:
        UsageError: A value has another type, or is not one of the allowed names.

    Example:
        >>> from dataclasses import replace
        >>> first = Experiment()
        >>> replace(first, spec=replace(first.spec, dropout=0.3)).changes_from(first)
        {'spec.dropout': (0.0, 0.3)}
    """

    architecture: str = setting(
        AUTO,
        text("the name of an architecture"),
        help="A name that `imgclass architectures` lists, or auto.",
    )
    spec: ModelSpec = setting(ModelSpec(), instance(ModelSpec, "a ModelSpec"))
    training: TrainingConfig = setting(
        TrainingConfig(), instance(TrainingConfig, "a TrainingConfig")
    )
    augmentation: Augmentation | None = setting(
        None,
        optional(_PRESET_OR_OWN),
        help=f"{', '.join([*PRESETS][:-1])} or {[*PRESETS][-1]}.",
        option="--augment",
        metavar="PRESET",
    )
    pipeline: Pipeline = setting("cached", one_of(get_args(Pipeline)), help="How images are fed.")
    resize: Resize = setting(
        "stretch",
        one_of(get_args(Resize)),
        help="How images are brought to the image size.",
        formerly="fit",
    )
    tta: bool = setting(
        False,
        flag(),
        help="Average the predictions for an image and its mirror image.",
        option="--tta/--no-tta",
    )

    def __post_init__(self) -> None:
        check_settings(self)

    def resolve(self, folder: "ImageFolder") -> "Experiment":
        """Return the experiment that will run: everything that it leaves open is chosen here.

        The images choose their size and, with the weights at hand, the architecture; that chooses
        depth, width and optimizer; their number chooses the epochs and the batch size; the learning
        rate follows from these.

        Args:
            folder: The data set to train on.

        Raises:
            UnknownNameError: The architecture is not in the registry.
            PluginError: Its package could not be imported.
            DatasetError: There are no training images.
        """
        architecture = choose_architecture(self.architecture, folder.manifest)
        info = architectures.info(architecture)
        spec = choose_spec(
            self.spec, info, folder.manifest, has_phases=bool(self.training.head_epochs)
        )
        return replace(
            self,
            architecture=architecture,
            spec=spec,
            training=self.training.resolve(
                num_images=folder.counts["train"],
                optimizer=info.optimizer,
                only_head=not spec.trainable,
            ),
            augmentation=choose_augmentation(self.augmentation, spec),
        )

    def changes_from(self, other: "Experiment") -> dict[str, tuple[Any, Any]]:
        """Return `{field: (value in other, value here)}` for each field that differs."""
        here, there = _flat(self), _flat(other)
        pairs = {name: (there.get(name), here.get(name)) for name in here | there}
        return {name: (before, now) for name, (before, now) in pairs.items() if before != now}


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Return every field by its dotted name, in order."""
    flat: dict[str, Any] = {}
    for part in fields(value):
        item = getattr(value, part.name)
        name = f"{prefix}{part.name}"
        flat |= _flat(item, f"{name}.") if isinstance(item, GROUPS) else {name: item}
    return flat
