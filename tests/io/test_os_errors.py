import errno
import os
from pathlib import Path

import pytest

from imgclass.errors import MachineError
from imgclass.io.os_errors import machine_errors


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
def test_an_os_error_becomes_one_that_names_the_file_and_the_reason(number):
    with (
        pytest.raises(
            MachineError, match=f"run.json could not be written: {os.strerror(number)}"
        ) as raised,
        machine_errors(Path("runs/run.json")),
    ):
        raise OSError(number, os.strerror(number), "/some/part")
    assert isinstance(raised.value.__cause__, OSError)
    assert raised.value.exit_code == 7


def test_an_error_without_a_number_keeps_its_message():
    with pytest.raises(MachineError, match="it is a FIFO"), machine_errors(Path("x")):
        raise OSError("it is a FIFO")


def test_other_errors_are_not_changed():
    with pytest.raises(ZeroDivisionError), machine_errors(Path("x")):
        raise ZeroDivisionError


def test_without_an_error_nothing_happens():
    with machine_errors(Path("x")):
        pass
