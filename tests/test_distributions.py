import importlib_metadata
import pytest

from imgclass.distributions import missing_requirements
from imgclass.entry_points import read_entry_points

GROUP = "example.shapes"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Make a package's metadata by hand in a folder that is searched first."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(folder, *, name, entry_points=f"[{GROUP}]\nround = json:dumps\n", more=""):
        made = tmp_path / folder
        made.mkdir(parents=True)
        (made / "entry_points.txt").write_text(entry_points)
        if name:
            text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{more}"
            (made / "METADATA").write_text(text)
        return made

    return make


def names(entry_points):
    return [(entry_point.dist.name, entry_point.name) for entry_point in entry_points]


@pytest.mark.parametrize(
    ("name", "entry_points", "cause"),
    [
        ("bad", f"[{GROUP}]\nno equals sign\n", "entry_points.txt cannot be read"),
        (None, f"[{GROUP}]\nround = json:dumps\n", "METADATA cannot be read"),
    ],
    ids=["malformed entry points", "no metadata"],
)
def test_a_package_with_broken_metadata_is_left_out_alone(site, name, entry_points, cause):
    broken = site("bad-2.0.dist-info", name=name, entry_points=entry_points)
    site("good-1.0.dist-info", name="good")
    offered, (fault,) = read_entry_points(GROUP)
    assert names(offered) == [("good", "round")]
    assert str(fault).startswith("Left out bad ")
    assert str(broken) in fault.remedy
    assert cause in fault.cause


def test_a_package_that_is_installed_twice_counts_once(site):
    site("good-1.0.dist-info", name="good")
    site("Good-2.0.dist-info", name="Good")
    offered, (fault,) = read_entry_points(GROUP)
    assert len(offered) == 1
    assert "installed twice" in fault.cause
    assert "pip uninstall good" in fault.remedy


def test_broken_metadata_of_a_package_without_plugins_is_nobodys_business(site):
    site("bad-2.0.dist-info", name="bad", entry_points="[other]\nno equals sign\n")
    assert read_entry_points(GROUP) == ((), ())


def test_requirements_that_are_not_installed_are_listed_as_they_are_worded(site):
    site(
        "needy-1.0.dist-info",
        name="needy",
        more=(
            "Requires-Dist: numpy\n"
            "Requires-Dist: no-such-package >=2\n"
            "Requires-Dist: no-such-extra ; extra == 'more'\n"
            "Requires-Dist: !!\n"
        ),
    )
    assert missing_requirements(importlib_metadata.distribution("needy")) == ("no-such-package>=2",)
