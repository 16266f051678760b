import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclass.formatting import (
    cut,
    cut_apart,
    duration,
    figure,
    percent,
    setting,
    shortened,
    shown_value,
    visible,
)

JOINERS = {"\u200c", "\u200d"}


def test_no_character_that_is_invisible_or_reorders_text_is_left():
    basic = map(chr, range(0x10000))
    hidden = [c for c in basic if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    bidirectional = [c for c in map(chr, range(0x10000)) if unicodedata.bidirectional(c) in BIDI]
    for character in {*hidden, *bidirectional, "\u200b", "\u200e", "\ufeff", "\U000e0041"}:
        assert visible(character).isascii(), hex(ord(character))
        assert visible(character).isprintable()


BIDI = {"LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@pytest.mark.parametrize("text", ["Käse 100 %", "日本語", "می‌خواهم", "👩‍🔬", "naïve (2)"])
def test_what_people_write_stays_as_it_is(text):
    assert visible(text) == text


def test_visible_text_can_be_written_as_utf_8():
    assert visible("a\udc80b").encode() == rb"a\udc80b"


def test_making_text_visible_twice_changes_nothing_more():
    assert visible(visible("\x00\u202e")) == visible("\x00\u202e")


@pytest.mark.parametrize("length", [2, 3, 12, 13])
def test_a_cut_name_has_exactly_the_length_that_is_allowed(length):
    assert len(cut("x" * 10_000, length)) == length


def test_a_cut_name_keeps_its_beginning_and_its_end():
    assert cut("left" + "x" * 50 + "0123.jpg", 16) == "leftxxx…0123.jpg"


def test_a_name_that_fits_is_not_cut():
    assert cut("exactly", 7) == "exactly"


def test_names_that_are_told_apart_when_cut_are_cut_as_ever():  # R25
    names = ("left" + "x" * 50, "right" + "x" * 50, "short")
    assert cut_apart(names, 12) == {name: cut(name, 12) for name in names}


@pytest.mark.parametrize("length", [12, 14, 18, 24, 40])
def test_the_part_in_which_names_differ_is_shown(length):
    names = tuple(f"{'beginning' * 6}{i:04}{'ending' * 6}" for i in range(10))
    for i, shown in enumerate(cut_apart(names, length).values()):
        assert str(i) in shown
        assert shown.startswith("b")
        assert shown.endswith("g")


@pytest.mark.parametrize("place", range(0, 60, 3))
def test_a_difference_is_shown_wherever_it_is(place):
    names = tuple("x" * place + letter + "x" * (59 - place) for letter in "ab")
    for letter, shown in zip("ab", cut_apart(names, 14).values(), strict=True):
        assert letter in shown
        assert len(shown) <= 14


def test_names_that_differ_in_several_places_are_told_apart_without_numbers():
    names = tuple(f"{'x' * 30}{a}{'y' * 30}{b}{'z' * 30}" for a in "12" for b in "34")
    shown = cut_apart(names, 20).values()
    assert len(set(shown)) == 4
    assert not any("~" in text for text in shown)


@given(st.lists(st.text("ab\u202e", max_size=40), max_size=12), st.integers(6, 20))
def test_no_two_names_look_alike_and_none_is_too_long(names, length):
    shown = cut_apart(tuple(names), length)
    assert set(shown) == set(names)
    assert len(set(shown.values())) == len(shown)
    assert all(len(text) <= length for text in shown.values())


def test_many_names_that_differ_in_the_middle_take_no_time():
    names = tuple(f"{'x' * 30}{i}{'y' * 30}" for i in range(5_000))
    assert len(set(cut_apart(names, 40).values())) == 5_000


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_an_undefined_share_is_said_to_be_so(value):
    assert percent(value) == "n/a"


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0.000"), (12.3456, "12.346"), (1e-5, "1e-05"), (math.inf, "n/a")],
)
def test_a_loss_is_shown_whatever_it_is(value, words):
    assert figure(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(59.94, "59.9 s"), (59.97, "1 min 0 s"), (3599.6, "1 h 0 min"), (math.nan, "n/a")],
)
def test_a_duration_never_shows_sixty_of_a_unit(seconds, words):
    assert duration(seconds) == words


def test_a_setting_reads_as_its_reader_would_write_it():
    assert [setting(v) for v in (0.1, 1e-4, 3, (256, 64), False, None, "avg")] == [
        "0.1", "0.0001", "3", "256, 64", "no", "not set", "avg",
    ]  # fmt: skip


@given(st.text() | st.lists(st.integers()) | st.binary())
def test_a_short_value_is_shown_as_python_writes_it(value):
    whole = repr(value)
    if len(whole) <= 120 and whole == visible(whole):
        assert shown_value(value) == whole


@pytest.mark.parametrize(
    "value", ["\x1b" * 10**7, list(range(10**6)), b"x" * 10**6, 10**5000], ids=type
)
def test_a_value_of_any_size_is_shown_in_a_few_characters(value):
    shown = shown_value(value)
    assert len(shown) <= 120
    assert shown.isprintable()


def test_a_message_keeps_its_lines_and_loses_their_middles():
    said = shortened("first\n" + "z" * 10**7 + "end\nlast", line=20)
    first, middle, last = said.split("\n")
    assert (first, last) == ("first", "last")
    assert len(middle) == 20
    assert middle.endswith("end")


def test_a_message_of_many_lines_ends_in_dots():
    assert shortened("\n".join("abcdef"), lines=3) == "a\nb\nc\n…"
