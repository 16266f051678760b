"""Loading what a stranger sent, in a process of its own that notes everything it should not do."""

import importlib.util
import os
import resource
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from imgclass.errors import ImgclassError

MEBIBYTE = 2**20
IMPORTING = "<frozen importlib._bootstrap_external>"
# What nothing that reads a model file needs to do, by the start of the event's name.
FORBIDDEN = (
    *("subprocess.", "socket.", "ctypes.", "pickle.", "urllib.", "http.", "ftplib.", "smtplib."),
    *("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "os.kill"),
    *("os.remove", "os.rename", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown"),
    *("os.mkdir", "os.rmdir", "os.putenv", "os.chdir", "shutil.", "tempfile.", "webbrowser."),
    *("code.__new__", "function.__new__", "sys.addaudithook", "sqlite3.", "syslog.", "winreg."),
)
# What would do harm is not only noted, but prevented.
PREVENTED = ("subprocess.", "socket.", "os.system", "os.exec", "os.posix_spawn", "os.spawn")
MOST_NOTES = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may use beyond what it had.

    Attributes:
        memory: Bytes of address space.
        seconds: Of the processor's time.
        written: Bytes of one file.
    """

    memory: int = 2**30
    seconds: int = 20
    written: int = 2**20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file.

    Attributes:
        ending: `refused` (an error of imgclass), `passed` (Keras would be asked now), `loaded`, or
            `failed` (any other error).
        error: Name of the error's class.
        message: What the error says.
        seconds: Of the processor's time.
        megabytes: Most memory, beyond what the process had before.
        notes: What the process did that it should not.
    """

    ending: str
    error: str
    message: str
    seconds: float
    megabytes: float
    notes: tuple[str, ...]


class ReachedKerasError(BaseException):
    """The file passed every check: what comes next is Keras."""


class WithoutKeras:
    """Ends the work with `ReachedKerasError` where Keras would be imported.

    It is a finder of modules, which stands before all others.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find nothing."""
        del path, target
        if name == "keras":
            raise ReachedKerasError
        return None


def watch(
    load: Callable[[], object], *, folder: Path, limits: Limits, allowed: Sequence[Path] = ()
) -> Outcome:
    """Call `load` as if in `folder`, and return what came of it; nothing is undone.

    Args:
        load: Loads what lies in the folder.
        folder: The working directory, from which Python imports first, too.
        limits: What it may use.
        allowed: Other files, or folders, that it may read.
    """
    os.chdir(folder)
    sys.path.insert(0, "")
    notes: list[str] = []
    own = (*(path.resolve() for path in allowed), *code_folders())
    before = _kilobytes("VmRSS")
    _set_limits(limits)
    is_on = [True]
    sys.addaudithook(_Hook(notes, folder, tuple(map(str, own)), is_on))
    began = time.process_time()
    ending, error, message = _ending(load)
    seconds = time.process_time() - began
    is_on.clear()
    megabytes = max(0.0, (_kilobytes("VmHWM") - before) / 1024)
    return Outcome(ending, error, message, seconds, megabytes, tuple(notes))


def code_folders() -> tuple[Path, ...]:
    """Return where Python's own modules and the installed ones lie, and those of imgclass."""
    searched = [Path(name) for name in sys.path if name]  # looked at to find a module
    spec = importlib.util.find_spec("imgclass")
    own = [Path(name) for name in (spec.submodule_search_locations or ()) if spec] if spec else []
    paths = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib")]
    return tuple(path.resolve() for path in (*paths, *own, *searched))


def known_packages() -> frozenset[str]:
    """Return the names of the top-level packages of Python and of what is installed."""
    return frozenset({*sys.stdlib_module_names, *packages_distributions(), "imgclass"})


KNOWN = known_packages()


class _Hook:
    """Notes what should not happen."""

    def __init__(
        self, notes: list[str], folder: Path, code: tuple[str, ...], is_on: list[bool]
    ) -> None:
        self.notes = notes
        self.folder = str(folder.resolve())
        self.code = code
        self.is_on = is_on
        self.is_noting = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_on or self.is_noting:
            return
        self.is_noting = True  # what noting itself does is no event
        try:
            fault = self._fault(event, arguments)
            if fault and len(self.notes) < MOST_NOTES and fault not in self.notes:
                self.notes.append(fault)
        finally:
            self.is_noting = False
        if fault and event.startswith(PREVENTED):
            raise PermissionError(fault)

    def _fault(self, event: str, arguments: tuple[Any, ...]) -> str:
        """Return what is wrong with an event; nothing where it is all right."""
        match event:
            case "open":
                fault = self._opening(*arguments[:3])
            case "import":
                name = str(arguments[0])
                fault = "" if name.partition(".")[0] in KNOWN else f"import of {name}"
            case "exec" | "compile":
                fault = self._running(event, arguments[-1])
            case "marshal.loads":
                by = sys._getframe(2).f_code.co_filename  # noqa: SLF001  # past this and __call__
                fault = "" if by == IMPORTING else f"marshal.loads in {by}"
            case _:
                fault = f"{event} {arguments!r}"[:200] if event.startswith(FORBIDDEN) else ""
        return fault

    def _running(self, event: str, code: Any) -> str:
        """Say what is wrong with code that runs, or with the name of a file that is compiled."""
        name = code.co_filename if isinstance(code, CodeType) else _text(code)
        return "" if name.startswith("<") or self._is_under(name) else f"{event} of {name}"

    def _opening(self, name: Any, mode: Any, flags: int) -> str:
        if isinstance(name, int):
            return ""
        path = os.path.realpath(_text(name))
        is_writing = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))
        is_writing = is_writing or any(letter in "wax+" for letter in mode or "")
        if is_writing and path != os.devnull:
            return f"open of {path} to write"
        is_own = self._is_under(path) or path.startswith(("/proc/", "/sys/", "/dev/"))
        return "" if is_own else f"open of {path}"

    def _is_under(self, name: str) -> bool:
        path = os.path.realpath(name)
        roots = self.code if path.endswith((".py", ".pyc", ".so")) else (*self.code, self.folder)
        return any(path == root or path.startswith(root + os.sep) for root in roots)


def _ending(load: Callable[[], object]) -> tuple[str, str, str]:
    try:
        load()
    except ImgclassError as error:
        return "refused", type(error).__name__, str(error)
    except ReachedKerasError:
        return "passed", "", ""
    except BaseException as error:  # noqa: BLE001  # that it is another one is the finding
        return "failed", type(error).__name__, str(error)[:500]
    return "loaded", "", ""


def _set_limits(limits: Limits) -> None:
    """Bound what the process may use, for good."""
    for kind, most in (
        (resource.RLIMIT_AS, 1024 * _kilobytes("VmSize") + limits.memory),
        (resource.RLIMIT_CPU, int(time.process_time()) + limits.seconds),
        (resource.RLIMIT_FSIZE, limits.written),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _kilobytes(name: str) -> int:
    """Return a figure of this process's memory, as Linux keeps it."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0


def _text(name: object) -> str:
    return os.fsdecode(name) if isinstance(name, bytes | str | os.PathLike) else str(name)
