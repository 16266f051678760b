"""The machine and the versions that a figure belongs to."""

import os
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "numpy", "pillow", "simplejpeg")
BFLOAT16 = ("avx512_bf16", "amx_bf16")  # flags of x86-64 processors that compute in it


def describe_machine() -> str:
    """Return processor, cores, memory and versions, in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ", ".join(
        (
            f"{cores} cores {processor()}",
            bfloat16(),
            f"{memory_gb():.0f} GB",
            f"Python {platform.python_version()}",
            *versions(),
        )
    )


def processor() -> str:
    """Return the processor's architecture and, where Linux tells it, its name."""
    name = _cpuinfo().get("model name", "")
    return f"{platform.machine()} ({name})" if name else platform.machine()


def bfloat16() -> str:
    """Say whether the processor computes in bfloat16."""
    found = sorted(set(BFLOAT16) & set(_cpuinfo().get("flags", "").split()))
    return f"bfloat16 ({', '.join(found)})" if found else "no bfloat16"


def memory_gb() -> float:
    """Return the machine's memory in GB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def versions() -> list[str]:
    """Return the installed packages that decide speed, each with its version."""
    found = []
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return found


def _cpuinfo() -> dict[str, str]:
    """Return what Linux says of the first processor; nothing elsewhere."""
    path = Path("/proc/cpuinfo")
    if not path.is_file():
        return {}
    first, _, _ = path.read_text(encoding="utf-8").partition("\n\n")
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}
