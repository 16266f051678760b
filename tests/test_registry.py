import subprocess
import sys
from collections.abc import Mapping

import pytest
from importlib_metadata import EntryPoint

from imgclass.errors import PluginError, PluginWarning, UnknownNameError, UsageError
from imgclass.registry import BUILT_IN, Registry


class Package:
    """A distribution, as far as an entry point knows it."""

    def __init__(self, name, version):
        self.metadata = {"Name": name, "Version": version}


def entry(name, value="json:dumps", distribution="shapes", version="1.0"):
    found = EntryPoint(name=name, value=value, group="example.shapes")
    return found._for(Package(distribution, version))


def registry(*entries):
    return Registry("example.shapes", kind="shape", entry_points=lambda _: entries)


def test_names_are_listed_sorted_and_without_importing():
    found = registry(entry("b", "no_such_module:x"), entry("a", "sys:exit"))
    assert tuple(found) == ("a", "b")


def test_an_object_is_imported_when_it_is_asked_for():
    import json

    assert registry(entry("dumps"))["dumps"] is json.dumps


def test_an_origin_names_distribution_version_and_target():
    assert str(registry(entry("dumps")).origin("dumps")) == "shapes 1.0 (json:dumps)"


def test_a_miss_lists_what_there_is_and_the_nearest_name():
    with pytest.raises(UnknownNameError, match=r"Did you mean 'square'\?.*circle, square"):
        registry(entry("circle"), entry("square"))["squre"]


@pytest.mark.parametrize(
    ("module", "cause"),
    [
        ("raise ImportError('no such thing')", "ImportError"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("x = = 1", "SyntaxError"),
        ("class Stop(BaseException): pass\nraise Stop('enough')", "Stop"),
        ("pass", "AttributeError"),
    ],
)
def test_a_plugin_that_fails_to_import_is_named_with_its_cause(
    tmp_path, monkeypatch, module, cause
):
    (tmp_path / "broken_shape.py").write_text(module)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "broken_shape", raising=False)
    found = registry(entry("bad", "broken_shape:build"), entry("good"))
    for _ in range(2):  # the stored error comes again
        with pytest.raises(PluginError, match=rf"'bad' of shapes 1.0 .*{cause}.*uninstall shapes"):
            found["bad"]
    assert found["good"]


def test_two_distributions_with_one_name_are_both_named():
    found = registry(entry("x", distribution="one"), entry("x", distribution="two"))
    with pytest.raises(PluginError, match="one:x and two:x"):
        found["x"]


def test_a_distribution_and_a_name_always_work():
    found = registry(
        entry("x", "json:dumps", distribution="one"), entry("x", "json:loads", distribution="Two_B")
    )
    assert found["one:x"].__name__ == "dumps"
    assert found["two-b:x"].__name__ == "loads"


def test_a_built_in_keeps_its_name_and_the_claimant_is_named():
    found = registry(
        entry("x", "json:loads", distribution="a-shadow"),
        entry("x", "json:dumps", distribution=BUILT_IN),
    )
    with pytest.warns(PluginWarning, match=f"{BUILT_IN}:x and a-shadow:x"):
        assert found["x"].__name__ == "dumps"


@pytest.mark.parametrize("word", ["1", "all"])
def test_plugins_can_be_switched_off(monkeypatch, word):
    monkeypatch.setenv("IMGCLASS_DISABLE_PLUGINS", word)
    assert tuple(registry(entry("x"), entry("y", distribution=BUILT_IN))) == ("y",)


def test_what_is_registered_is_found_and_registering_again_replaces_it():
    found = registry()
    found.register("mine", "first")
    found.register("mine", "second")
    assert found["mine"] == "second"
    assert tuple(found) == ("mine",)


def test_registering_an_installed_name_is_refused():
    with pytest.raises(UsageError, match=r"'x' is offered by shapes 1\.0"):
        registry(entry("x")).register("x", "mine")


def test_a_name_with_odd_characters_is_refused():
    with pytest.raises(UsageError, match="a/b"):
        registry().register("a/b", "mine")


def test_listing_the_architectures_imports_no_keras():
    code = (
        "import sys; from imgclass import architectures; print([*architectures][:2]);"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['cnn', 'convnexttiny']"


def test_plugins_can_be_switched_off_one_by_one(monkeypatch):
    monkeypatch.setenv("IMGCLASS_DISABLE_PLUGINS", "one, Two_B")
    found = registry(entry("x", distribution="one"), entry("y", distribution="two-b"), entry("z"))
    assert tuple(found) == ("z",)


def test_a_built_in_cannot_be_switched_off(monkeypatch):
    monkeypatch.setenv("IMGCLASS_DISABLE_PLUGINS", BUILT_IN)
    assert tuple(registry(entry("x", distribution=BUILT_IN))) == ("x",)


def test_a_miss_names_the_package_that_is_switched_off(monkeypatch):
    monkeypatch.setenv("IMGCLASS_DISABLE_PLUGINS", "one")
    with pytest.raises(
        UnknownNameError, match="one offers it, and is turned off by IMGCLASS_DISABLE_PLUGINS"
    ):
        registry(entry("x", distribution="one"))["x"]


def test_a_miss_of_a_package_says_to_install_it():
    with pytest.raises(UnknownNameError, match="Install or upgrade more-shapes"):
        registry()["more_shapes:oval"]


@pytest.mark.parametrize(
    ("module", "value", "remedy"),
    [
        (None, "gone_shape:x", r"metadata is there and its code is not: .*pip uninstall shapes"),
        ("import no_such_module", "needy_shape:x", r"Repair, upgrade or uninstall shapes"),
        ("from imgclass import OldBase", "old_shape:x", "another version of imgclass"),
        ("import imgclass.old_place", "older_shape:x", "another version of imgclass"),
    ],
    ids=["code gone", "a module missing", "an old name", "an old module"],
)
def test_the_remedy_suits_the_cause(tmp_path, monkeypatch, module, value, remedy):
    if module:
        (tmp_path / f"{value.partition(':')[0]}.py").write_text(module)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match=remedy):
        registry(entry("x", value))["x"]


def test_info_imports_and_does_not_build():
    found = Registry(
        "example.shapes",
        kind="shape",
        info=lambda item: item.__name__.upper(),
        entry_points=lambda _: (entry("dumps"),),
    )
    assert found.info("dumps") == "DUMPS"


def test_a_registry_is_a_mapping_that_says_what_it_has_without_importing():
    found = registry(entry("a", "no_such_module:x"), entry("b", "no_such_module:y"))
    assert isinstance(found, Mapping)
    assert ("a" in found, "shapes:a" in found, "c" in found, 7 in found) == (
        True,
        True,
        False,
        False,
    )
    assert len(found) == 2
    assert found == found  # noqa: PLR0124 - a Mapping would compare its values, and import them
    assert len({found}) == 1


def test_get_gives_the_default_for_an_unknown_name_and_still_names_a_broken_plugin():
    found = registry(entry("a", "no_such_module:x"))
    assert found.get("c") is None
    assert found.get("c", "default") == "default"
    with pytest.raises(PluginError, match="'a' of shapes"):
        found.get("a")


def test_its_repr_lists_each_name_with_where_it_comes_from():
    found = registry(entry("x", distribution="one"), entry("x", distribution="two"), entry("y"))
    found.register("mine", registry)
    assert repr(found).splitlines() == [
        "<Registry 'example.shapes' with 3 names>",
        f"  mine: this process ({__name__}:registry)",
        "  x: one 1.0 (json:dumps) and two 1.0 (json:dumps)",
        "  y: shapes 1.0 (json:dumps)",
    ]


def test_register_is_a_decorator_too():
    found = registry()

    @found.register("mine")
    def build():
        return 7

    assert found["mine"] is build
    assert build() == 7


def test_an_unknown_name_is_a_key_error_with_a_readable_message():
    with pytest.raises(KeyError) as caught:
        registry()["x"]
    assert str(caught.value).startswith("Expected a known shape; received 'x'.")
