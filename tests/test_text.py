import math
import unicodedata

import pytest

from imgclass.text import cut, duration, figure, percent, setting, visible

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
