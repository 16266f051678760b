"""The names of the pipelines and of the ways to draw an epoch's images."""

from typing import Literal

Pipeline = Literal["cached", "streamed", "generator"]
Sampling = Literal["shuffled", "balanced"]
