import pytest

from imgclass.models.preflight.plain_json import parse
from imgclass.models.preflight.refusal import Refused


def read(data):
    return parse(data if isinstance(data, bytes) else data.encode(), member="config.json")


def test_plain_json_is_read():
    assert read('{"a": [1, 2.5, null, true, "[[{\\""]}') == {"a": [1, 2.5, None, True, '[[{"']}


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":', '["\\"[",'])
def test_a_hundred_thousand_brackets_are_refused(opening):
    with pytest.raises(Refused, match="nested brackets"):
        read(opening * 100_000)


def test_brackets_in_texts_do_not_count():
    assert read('["' + "[" * 1_000 + '"]') == ["[" * 1_000]
    assert read("[" * 100 + "]" * 100)


@pytest.mark.parametrize("number", ["9" * 10_000_000, "-" + "1" * 5_000, "1." + "3" * 100])
def test_a_number_of_many_digits_is_refused(number):
    with pytest.raises(Refused, match="digits"):
        read(f"[{number}]")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_have_is_refused(word):
    with pytest.raises(Refused, match="not a JSON number"):
        read(f'{{"units": {word}}}')


@pytest.mark.parametrize("many", ["[" + "0," * 600_000 + "0]", "[" + "{}," * 600_000 + "0]"])
def test_half_a_million_values_are_refused(many):
    with pytest.raises(Refused, match=r"values|objects and lists"):
        read(many)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"a" 1}', b"\xff", '{"a": 1}'.encode("utf-16"), b'\xef\xbb\xbf{"a": 1}', b'"\0"'],
)
def test_text_that_is_not_json_in_utf8_is_refused(data):
    with pytest.raises(Refused, match=r"config\.json"):
        read(data)


def test_a_text_of_many_escapes_is_read_quickly():
    assert len(read(b'"' + b"\\\\" * 2_000_000 + b'"')) == 2_000_000
