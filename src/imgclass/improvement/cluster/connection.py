"""The connection to a Ray cluster, or to one that is started on this machine."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

from imgclass.errors import MachineError, UsageError

LOCAL = "local"
LISTENING = 10.0  # seconds in which a head node must take a connection
INSTALL = "pip install 'imgclass-keras[ray]'"

# What Ray reads from the environment.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "RAY_USAGE_STATS_ENABLED": "0",  # it would report to its makers
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # the way of coming versions, without a warning
        "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # a run directory has all that they would log
        "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C ends the improvement, not only the trials
    }
)


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Be connected to a Ray cluster inside `with`; one that was connected before stays so.

    Args:
        address: `auto` for the cluster that this machine belongs to, `HOST:PORT` for its head,
            `ray://HOST:PORT` for a Ray client server, or `local` to start one on this machine.

    Raises:
        MachineError: The extra `ray` is not installed, or no cluster answers.
        UsageError: The address is empty.

    Example:
        >>> with connected(""):
        ...     pass
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected the address of a Ray cluster: ...
    """
    if not address:
        raise UsageError(
            "Expected the address of a Ray cluster: auto, HOST:PORT, ray://HOST:PORT or local; "
            "received an empty one."
        )
    require_ray()
    with _variables(), _quiet(), _own_sigterm():
        import ray

        is_ours = not ray.is_initialized()
        if is_ours:
            _connect(ray, address)
        try:
            yield
        finally:
            if is_ours:
                ray.shutdown()


def require_ray() -> None:
    """Require the extra `ray`."""
    if find_spec("ray") is None:
        raise MachineError(f"Expected Ray, which runs a cluster; it is not installed: {INSTALL}")


def _connect(ray: Any, address: str) -> None:
    # A dashboard would answer the network; one that is there already is not asked for.
    options = {"include_dashboard": False} if address == LOCAL else {}
    try:
        _require_listener(address)
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **options)
    except (OSError, RuntimeError, ValueError, AssertionError) as error:
        reason = str(getattr(error, "strerror", None) or error).rstrip(".")
        raise MachineError(
            f"Expected a Ray cluster at {address}; there is none that answers ({reason}). Start "
            f"one with `ray start --head`, or take `local`."
        ) from error


def _require_listener(address: str) -> None:
    """Require that something listens at HOST:PORT; Ray itself tries again for two minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=LISTENING).close()


@contextmanager
def _variables() -> Iterator[None]:
    """Set Ray's variables, unless the user has set them, and take them back."""
    new = {name: value for name, value in VARIABLES.items() if name not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            os.environ.pop(name, None)


@contextmanager
def _own_sigterm() -> Iterator[None]:
    """Take SIGTERM back from Ray, which does not give it back itself."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Ray takes it in the main thread alone
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if before is not None:  # one that Python did not set cannot be set by it
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what Ray Tune logs of a lost node: a traceback for what is repaired."""
    logger = logging.getLogger("ray.tune")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
