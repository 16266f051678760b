import importlib_metadata
import pytest

from imgclass.doctor import check_dependencies

FLOORS = {"keras": ">=3.15.1", "pillow": ">=12.3"}


def test_what_imgclass_needs_is_held_against_its_own_metadata():
    found = {dependency.name: dependency for dependency in check_dependencies()}
    assert {name: found[name].expected for name in FLOORS} == FLOORS
    assert found["keras"].installed == importlib_metadata.version("keras")
    assert "pytest" not in found
    assert not [dependency for dependency in found.values() if dependency.remedy]


@pytest.mark.parametrize(
    ("requirement", "installed"),
    [("numpy>=999", importlib_metadata.version("numpy")), ("no-such-package>=1", None)],
)
def test_what_is_too_old_or_absent_has_a_remedy(requirement, installed):
    (dependency,) = check_dependencies([requirement])
    assert dependency.installed == installed
    assert dependency.remedy == f"pip install '{requirement}'"


def test_requirements_of_other_platforms_are_left_out():
    assert check_dependencies(["no-such-package; sys_platform == 'none'"]) == ()
