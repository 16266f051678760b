"""Precision, compilation and seeding that suit this machine and Keras's backend."""

import contextlib
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import keras

from imgclass.global_state import kept_generators
from imgclass.training.accelerators import Accelerator, find_accelerators

BFLOAT16 = "mixed_bfloat16"


@dataclass(frozen=True, slots=True)
class Compute:
    """What models are trained with on this machine, and why, in clauses.

    Attributes:
        devices: Names of the graphics cards or TPUs, or of the processor.
        precision: The Keras dtype policy.
        compilation: The `jit_compile` of Keras's `compile`.
    """

    backend: str
    devices: tuple[str, ...]
    precision: str
    precision_reason: str
    compilation: str | bool
    compilation_reason: str


def describe_compute(precision: str = "auto") -> Compute:
    """Return what the backend computes on, and the precision and compilation chosen for it."""
    backend, accelerators = keras.config.backend(), find_accelerators()
    chosen, precision_reason = (
        (precision, "it was asked for")
        if precision != "auto"
        else _auto_precision(backend, accelerators)
    )
    compilation, compilation_reason = _compilation(backend, accelerators)
    return Compute(
        backend=backend,
        devices=tuple(a.name for a in accelerators) or (_processor_name(),),
        precision=chosen,
        precision_reason=precision_reason,
        compilation=compilation,
        compilation_reason=compilation_reason,
    )


def choose_precision(wanted: str) -> str:
    """Return the Keras dtype policy for `wanted`; `auto` is bfloat16 where that is faster."""
    return describe_compute(wanted).precision


def warn_of_precision(precision: str) -> tuple[str, ...]:
    """Return a sentence about a precision that a processor is not known to be fast in, if so."""
    fast = {"auto", "float32", *([BFLOAT16] if _processor_has_bfloat16() else [])}
    if precision in fast or find_accelerators():
        return ()
    slow = f"Precision {precision} may be slow: this processor is not known to be fast in it."
    return (f"{slow} Without --precision, one that suits it is chosen.",)


def choose_compilation() -> str | bool:
    """Return the `jit_compile` for Keras's `compile`."""
    return describe_compute().compilation


def describe_processor() -> str:
    """Return the accelerator's or the processor's name."""
    return describe_compute().devices[0]


@contextlib.contextmanager
def building(*, precision: str, seed: int) -> Iterator[None]:
    """Set the precision and the seed for building models, and restore them afterwards.

    Keras's own generator continues from `seed`, since its state cannot be read.
    """
    policy = keras.config.dtype_policy()
    with kept_generators():
        keras.utils.set_random_seed(seed)
        keras.config.set_dtype_policy(choose_precision(precision))
        try:
            yield
        finally:
            keras.config.set_dtype_policy(policy)


def _auto_precision(backend: str, accelerators: tuple[Accelerator, ...]) -> tuple[str, str]:
    if accelerators:
        first = accelerators[0]
        if first.has_bfloat16:
            return BFLOAT16, f"{first.name} computes in bfloat16"
        return "float32", f"{first.name} is not known to compute in bfloat16"
    if backend == "jax":
        # Measured with `cnn` on a processor with bfloat16: 0.95 to 1.00 times float32's speed;
        # with TensorFlow 1.2 times.
        return "float32", "JAX is no faster in bfloat16 on a processor"
    if _processor_has_bfloat16():
        return BFLOAT16, "the processor computes in bfloat16"
    # Measured 3 times slower than float32.
    return "float32", "the processor would only emulate bfloat16, which is slower"


def _compilation(backend: str, accelerators: tuple[Accelerator, ...]) -> tuple[str | bool, str]:
    if backend == "jax":
        return True, "JAX is slow without compilation"
    if backend == "torch":
        return False, "Keras itself does not compile with PyTorch"
    if accelerators:
        return "auto", "XLA compiles what it can for a graphics card"
    # Measured with VGG16: 12 images/s with XLA, 100 without.
    return False, "TensorFlow's own kernels are faster than XLA's on a processor"


def _processor_name() -> str:
    for line in _processor_facts():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "processor"


def has_bfloat16_matrices() -> bool:
    """Return whether a processor trains that has a unit for matrices of bfloat16 (AMX)."""
    return not find_accelerators() and "amx_bf16" in _processor_flags()


def _processor_has_bfloat16() -> bool:
    return bool({"avx512_bf16", "amx_bf16"} & _processor_flags())


def _processor_flags() -> set[str]:
    flags = next((line for line in _processor_facts() if line.startswith("flags")), "")
    return set(flags.split())


def _processor_facts() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
