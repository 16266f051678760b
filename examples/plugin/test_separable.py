"""What the author of an architecture tests: that it keeps every promise."""

from collections.abc import Callable

import pytest
from imgclass_separable import separable

from imgclass.testing import architecture_checks


@pytest.mark.parametrize("check", architecture_checks(separable), ids=str)
def test_separable_keeps_the_contract(check: Callable[[], None]) -> None:
    """Raise where a promise is broken; the check's name says which."""
    check()
