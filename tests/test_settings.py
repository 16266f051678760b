from collections import Counter
from dataclasses import dataclass, fields

import pytest

from imgclass.checks import flag, several, whole
from imgclass.errors import UsageError
from imgclass.experiment import Experiment
from imgclass.models.spec import ModelSpec
from imgclass.settings import changed, check_settings, options_of, setting
from imgclass.training.config import TrainingConfig

OPTIONS = options_of(Experiment)


@dataclass(frozen=True, slots=True)
class Box:
    size: int = setting(1, whole(1), help="Its size.")
    sides: tuple[int, ...] = setting((), several(whole(1), "whole numbers"), help="Its sides.")
    is_open: bool = setting(True, flag(), help="Whether it is open.", option="--open/--shut")
    secret: int = setting(7, whole(0))

    def __post_init__(self):
        check_settings(self)


@dataclass(frozen=True, slots=True)
class Shelf:
    box: Box = setting(Box(), whole(0))
    name: str = ""


def test_every_field_of_an_experiment_is_a_setting_with_an_option_and_a_help():
    own = {f.name for f in fields(Experiment)} - {"spec", "training"}
    spec = {f"spec.{f.name}" for f in fields(ModelSpec)}
    training = {f"training.{f.name}" for f in fields(TrainingConfig)}
    assert set(OPTIONS) == own | spec | training
    assert all(known.help.endswith(".") for known in OPTIONS.values())


def test_no_two_settings_of_an_experiment_have_one_option_or_one_last_name():
    options = Counter(word for known in OPTIONS.values() for word in known.name.split("/"))
    names = Counter(name.rpartition(".")[2] for name in OPTIONS)
    assert {*options.values()} == {*names.values()} == {1}


def test_settings_of_parts_are_named_with_dots_and_those_without_help_have_no_option():
    assert list(options_of(Shelf)) == ["box.size", "box.sides", "box.is_open"]


def test_a_setting_is_checked_when_it_is_given():
    with pytest.raises(UsageError, match="Expected size to be a whole number >= 1"):
        Box(size=0)
    with pytest.raises(UsageError, match="Expected secret"):
        Box(secret=-1)


def test_an_option_that_has_another_kind_of_text_is_refused_by_its_name():
    with pytest.raises(UsageError, match="Expected --sides to be whole numbers; received '3,x'"):
        options_of(Box)["sides"].read("3,x")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("size", 3, ("--size", "3")),
        ("sides", (3, 4), ("--sides", "3,4")),
        ("sides", (), None),
        ("is_open", True, ("--open",)),
        ("is_open", False, ("--shut",)),
    ],
)
def test_a_value_is_written_as_the_words_that_set_it(name, value, words):
    assert options_of(Box)[name].words(value) == words


def test_settings_are_changed_by_dotted_names_all_at_once():
    assert changed(Shelf(), {"box.size": 2, "name": "a", "box.sides": [3]}) == Shelf(
        Box(size=2, sides=(3,)), "a"
    )
    assert changed(Shelf(), {}) == Shelf()
    phases = {"training.unfreeze": 3, "training.head_epochs": 1}  # the first alone is refused
    assert changed(Experiment(), phases).training.unfreeze == 3
