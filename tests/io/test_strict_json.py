import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclass.io.strict_json import nesting, parse_json

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(PLAIN)
def test_what_python_writes_is_read_as_python_reads_it(value):
    text = json.dumps(value)
    assert parse_json(text, limit=10_000_000) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("7", 0),
        ("[]", 1),
        ('{"a": [1, {"b": []}]}', 4),
        ('["[[[[", "\\"[[["]', 1),
        ('"[[[', 0),
        ('"\\\\"[', 1),
    ],
)
def test_brackets_inside_of_strings_do_not_nest(text, depth):
    assert nesting(text) == depth


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 200 + "]" * 200, "expected at most 100 nested brackets; received 200"),
        ("[" * 100_000, "expected at most 1,000 objects and lists"),
        ("[" + "1," * 40_000 + "1]", "values"),
        ("9" * 101, "expected at most 100 digits in a number; received 101"),
        ('{"a": 1, "a": 2}', "expected each key once; received 'a' twice"),
        ("[1,\n2,]", "expected JSON; line 2, column "),
        ('"' + "x" * 200_000 + '"', "characters"),
    ],
    ids=["deep", "deeper", "many", "digits", "twice", "broken", "long"],
)
def test_a_text_above_a_limit_is_refused_by_that_limit(text, words):
    with pytest.raises(ValueError, match=words):
        parse_json(text, limit=100_000)


@pytest.mark.parametrize("text", ["[" * 100 + "]" * 100, "9" * 100, '["' + "[" * 5000 + '"]'])
def test_a_text_at_a_limit_is_read(text):
    assert parse_json(text, limit=100_000) == json.loads(text)
