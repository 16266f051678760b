"""Keeps `make quick` quick: free of Keras, which no test can import by accident, and few trials."""

import doctest
import gc
import os
import re
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("MPLBACKEND", "Agg")
# What imgclass learns of its trainings is neither read from nor kept in the home of whoever tests.
HOME = TemporaryDirectory(prefix="imgclass-home-", ignore_cleanup_errors=True)
os.environ["XDG_DATA_HOME"] = HOME.name

# Of what Hypothesis makes up for each test; `make check` has its usual hundred.
settings.register_profile("quick", max_examples=15, deadline=None)

# A doctest that reaches Keras through other modules says so: `>>> line  # doctest: +KERAS`.
KERAS = doctest.register_optionflag("KERAS")
IMPORTS_KERAS = re.compile(r"^\s*(?:>>> )?(?:import|from) (?:keras|tensorflow)\b", re.MULTILINE)

# Files of tests that take longest, the longest ones first. Before all others, those whose process
# only waits or forks: it is still small then.
LONGEST = (
    "test_robustness.py",
    "test_crashes.py",
    "test_examples.py",
    "test_backends.py",
    "test_trainer_resume.py",
    "test_killed_training.py",
    "test_trainings.py",
    "test_user_callbacks.py",
    "test_resumption.py",
    "test_console.py",
    "test_plugins.py",
    "test_reference_study.py",
    "test_late_faults.py",
    "test_experience.py",
    "test_experiments.py",
    "runs.md",
    "test_writing.py",
    "test_pages.py",
    "test_killed_prediction.py",
    "test_trainer.py",
)


# The half million objects of what is imported stay: garbage is looked for among newer ones only.
gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage from here on."""
    gc.freeze()
    gc.enable()


class KerasLeftOutError(ImportError):
    """Something imports Keras in a run that leaves it out."""


class LeaveOutKeras(Loader):
    """An import hook that refuses Keras and TensorFlow, but says that they are installed."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Take the two upon itself; leave every other module to the finders that follow."""
        del path, target
        return ModuleSpec(name, LeaveOutKeras()) if name in ("keras", "tensorflow") else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Refuse the import."""
        raise KerasLeftOutError(
            f"This run leaves {spec.name} out. Mark the test with @pytest.mark.keras, "
            f"or the doctest with `# doctest: +KERAS`."
        )

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: it does not come to this."""


def pytest_configure(config: pytest.Config) -> None:
    """Refuse Keras for the whole run, collection included, where its tests are left out."""
    wanted = config.getoption("markexpr")
    if "not keras" in wanted:
        sys.meta_path.insert(0, LeaveOutKeras())
    if "not thorough" in wanted:
        settings.load_profile("quick")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Pass over a file that cannot even be imported without Keras: all its tests need it."""
    report = yield
    if report.failed and KerasLeftOutError.__name__ in report.longreprtext:
        # pytest leaves the half of it that ran, which another module would take for the whole.
        halves = [name for name, module in sys.modules.items() if _file(module) == collector.path]
        for name in halves:
            del sys.modules[name]
        return pytest.CollectReport(collector.nodeid, "passed", None, [])
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the doctests that need Keras, and begin with the files that take longest.

    Processes of tests take whole files; a long one at the end would leave all but one idle.
    """
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))
    for item in items:
        if isinstance(item, pytest.DoctestItem) and _needs_keras(item):
            item.add_marker("keras")


class InThisProcess:
    """Loads the untrained model here: another process takes seconds, and has tests of its own."""

    def begin(self, path: Path, model: Any) -> None:
        """Keep where it is."""
        del model
        self.path = path

    def require_same(self, model: Any) -> None:
        """Load it, and compare no more than its size."""
        import keras

        assert keras.saving.load_model(self.path).count_params() == model.count_params()


@contextmanager
def models_load_here() -> Generator[None, None, None]:
    """Spare trainings the process that each starts, to see whether its model loads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "imgclass.execution.experiments.reload_check", lambda: nullcontext(InThisProcess())
        )
        yield


@pytest.fixture
def no_reload_check() -> Generator[None, None, None]:
    """Spare the trainings of a test that process."""
    with models_load_here():
        yield


@pytest.fixture(scope="session")
def loading_here() -> Callable[[], AbstractContextManager[None]]:
    """The context, for a part of a test or of a fixture."""
    return models_load_here


@pytest.fixture(autouse=True)
def _examples_start_no_process(request: pytest.FixtureRequest) -> None:
    """Spare it the examples of the documentation, too."""
    if isinstance(request.node, pytest.DoctestItem) and request.node.get_closest_marker("keras"):
        request.getfixturevalue("no_reload_check")


def _file(module: ModuleType) -> Path | None:
    name = getattr(module, "__file__", None)
    return Path(name) if name else None


def _needs_keras(item: pytest.DoctestItem) -> bool:
    if any(KERAS in example.options for example in item.dtest.examples):
        return True
    return bool(IMPORTS_KERAS.search(Path(item.path).read_text(encoding="utf-8")))
