"""What every step of organizing needs: the place, the file system, how far it is, the lock."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from imgclass.data.organize.place import Place
from imgclass.errors import InterruptedRunError, MachineError
from imgclass.io.fs import FileSystem
from imgclass.io.workers.jobs import Job
from imgclass.io.workers.pool import run_jobs
from imgclass.io.workers.progress import Steps


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work at one place.

    Attributes:
        place: Where images come from and the data set goes.
        files: The file system.
        steps: How far the work is, and whether to stop.
        lock: The descriptor that holds the place's lock; None where nothing is written.
    """

    place: Place
    files: FileSystem
    steps: Steps
    lock: int | None = None

    def run(
        self, job: Job, arguments: Sequence[Sequence[Any]], *, common: Sequence[Any] = ()
    ) -> Iterator[Any]:
        """Yield the result of `job` for each of `arguments`, after `common`, each one a step."""
        results = run_jobs(
            job, arguments, files=self.files, steps=self.steps, common=common, lock=self.lock
        )
        return self.steps.count(results)


@contextmanager
def explained(place: Place | None) -> Iterator[None]:
    """Say of an interruption or a failing machine what stands, and how to go on.

    Args:
        place: Where the work is; None where nothing is written.
    """
    stands = "Nothing was written."
    if place is not None:
        stands = (
            f"No image was lost: each is in {place.images} or, whole, in {place.root}. "
            "The same command goes on from here."
        )
    try:
        yield
    except InterruptedRunError as error:
        raise InterruptedRunError(f"{error} {stands}") from error
    except MachineError:
        raise
    except OSError as error:
        raise MachineError(
            f"Expected the machine to go along; received: {error}. {stands}"
        ) from error
