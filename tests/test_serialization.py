import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclass.evaluation import Score
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS, Augmentation
from imgclass.models.spec import ModelSpec
from imgclass.serialization import dump_json, from_plain, read_json, to_plain
from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch, History


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    share: float = 0.5


@dataclass(frozen=True, slots=True)
class Whole:
    kind: Literal["round", "square"]
    parts: tuple[Part, ...]
    size: tuple[int, int] | None = None
    notes: Mapping[str, str] | None = None
    first: Part | None = None
    amount: int | float = 1
    folder: Path = Path()
    extra: Any = None


WHOLE = Whole(
    kind="round",
    parts=(Part("a"), Part("b", 0.25)),
    size=(1, 2),
    notes={"by": "hand"},
    first=Part("c"),
    amount=2.5,
    folder=Path("some/where"),
    extra=[1, "two"],
)
EXPERIMENT = Experiment(
    architecture="vgg16",
    spec=ModelSpec(image_size=(32, 48), depth=2, head_units=(256, 64), weights="imagenet"),
    training=TrainingConfig(epochs=20, learning_rate=1e-3),
    augmentation=Augmentation(brightness_range=(0.5, 1.5), width_shift_range=4),
    pipeline="generator",
)
HISTORY = History((Epoch(1.0, 0.5, 1.1, 0.4, 1e-3, 2.0),) * 2, 1, False, 4.5)
SCORE = Score(("cat", "dog"), ((8, 2), (1, 9)), 0.4)


@pytest.mark.parametrize(
    "value", [WHOLE, EXPERIMENT, Experiment(), HISTORY, SCORE, *PRESETS.values()]
)
def test_a_value_survives_json(value):
    assert from_plain(type(value), json.loads(dump_json(value))) == value


@given(
    st.builds(
        Epoch,
        loss=st.floats(allow_nan=False),
        accuracy=st.floats(0, 1),
        val_loss=st.floats(allow_nan=False),
        val_accuracy=st.floats(0, 1),
        learning_rate=st.floats(0, 1),
        seconds=st.floats(0),
    )
)
def test_every_number_survives_json_to_the_last_bit(epoch):
    assert from_plain(Epoch, json.loads(dump_json(epoch))) == epoch


def test_a_number_that_is_not_finite_is_written_in_words_and_read_back():
    epoch = Epoch(math.nan, 0.5, math.inf, 0.5, -math.inf, 1.0)
    plain = to_plain(epoch)
    assert [plain["loss"], plain["val_loss"], plain["learning_rate"]] == [
        "NaN",
        "Infinity",
        "-Infinity",
    ]
    again = from_plain(Epoch, plain)
    assert math.isnan(again.loss)
    assert (again.val_loss, again.learning_rate) == (math.inf, -math.inf)


@pytest.mark.parametrize(
    ("value", "plain"),
    [(np.float32(0.5), 0.5), (np.int64(3), 3), (np.float64("nan"), "NaN"), (True, True)],
)
def test_numbers_of_numpy_become_pythons(value, plain):
    received = to_plain(value)
    assert received == plain
    assert type(received) is type(plain)


def test_a_path_is_written_as_text():
    assert to_plain(PurePosixPath("a/b")) == "a/b"


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object(), Part, np.zeros(2)])
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(TypeError, match="Expected a value that JSON can hold"):
        to_plain({"deep": [value]})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "oval"}, r"Whole.kind: expected one of 'round', 'square'; received 'oval'"),
        ({"parts": "ab"}, r"Whole.parts: expected a list; received 'ab'"),
        ({"parts": [{}]}, r"Whole.parts\[0\]: the key 'name' is missing"),
        ({"parts": [{"name": 3}]}, r"Whole.parts\[0\].name: expected a value of type str"),
        ({"parts": [{"name": "a", "share": True}]}, r"parts\[0\].share: expected a number"),
        ({"parts": [{"name": "a", "share": "much"}]}, r"share: expected a number; .*'much'"),
        ({"size": [1, 2, 3]}, r"Whole.size: expected 2 items"),
        ({"size": [1, 2.5]}, r"Whole.size\[1\]: expected a value of type int; received 2.5"),
        ({"notes": []}, r"Whole.notes: expected an object"),
        ({"notes": {"by": 1}}, r"Whole.notes.by: expected a value of type str"),
        ({"first": {"nam": "a"}}, r"Whole.first: expected the keys name, share; received 'nam'"),
        ({"folder": 3}, r"Whole.folder: expected a path"),
        ({"amount": "x"}, r"Whole.amount: expected a number"),
        ({"colour": "red"}, r"Whole: expected the keys .*; received 'colour'"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(change, message):
    plain = {"kind": "round", "parts": [{"name": "a"}], **change}
    with pytest.raises(ValueError, match=message):
        from_plain(Whole, plain)


def test_a_value_out_of_range_is_named_with_its_place():
    plain = {"spec": {"dropout": 1.5}}
    with pytest.raises(ValueError, match=r"^Experiment.spec: Expected dropout to be .* < 1"):
        from_plain(Experiment, plain)


def test_a_key_that_is_missing_takes_its_default():
    assert from_plain(Part, {"name": "a"}) == Part("a", 0.5)


def test_what_is_no_object_is_refused():
    with pytest.raises(ValueError, match="Experiment: expected an object; received 3"):
        from_plain(Experiment, 3)


def test_text_stays_readable_and_ends_in_a_newline():
    assert dump_json({"class": "café 猫"}) == '{\n  "class": "café 猫"\n}\n'


def test_a_file_name_that_is_no_utf8_can_be_written_and_read_back():
    name = b"caf\xe9.jpg".decode("utf-8", "surrogateescape")
    assert json.loads(dump_json([name]).encode("utf-8")) == [name]


@given(st.text(st.characters()))
def test_every_text_survives(text):
    assert json.loads(dump_json(text).encode("utf-8")) == text


def test_reading_names_the_file_and_the_place(tmp_path):
    path = tmp_path / "experiment.json"
    path.write_text('{"resize": "squeeze"}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"experiment\.json: Experiment\.resize: expected one of"):
        read_json(Experiment, path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]"])
def test_a_file_that_is_not_ours_is_refused_by_name(tmp_path, content):
    path = tmp_path / "experiment.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"experiment\.json: "):
        read_json(Experiment, path)


def test_a_file_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "experiment.json"
    path.write_text(dump_json(EXPERIMENT), encoding="utf-8")
    assert read_json(Experiment, path) == EXPERIMENT


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", 1e999])
def test_a_number_of_a_file_is_finite_unless_it_may_be_otherwise(tmp_path, value):
    path = tmp_path / "score.json"
    plain = json.loads(dump_json(SCORE)) | {"loss": value}
    path.write_text(json.dumps(plain).replace("Infinity}", "1e999}"))
    with pytest.raises(ValueError, match=r"score\.json: Score\.loss: expected a finite number"):
        read_json(Score, path)
    assert not math.isfinite(read_json(Score, path, finite=False).loss)


def test_a_text_of_a_file_is_no_longer_than_it_may_be(tmp_path):
    path = tmp_path / "part.json"
    path.write_text(dump_json(Part("x" * 100)))
    assert read_json(Part, path, longest=100) == Part("x" * 100)
    with pytest.raises(ValueError, match=r"Part\.name: expected at most 99 characters"):
        read_json(Part, path, longest=99)


def test_a_file_is_no_larger_than_it_may_be(tmp_path):
    path = tmp_path / "part.json"
    path.write_text(dump_json(Part("x" * 100)))
    with pytest.raises(OSError, match="at most 50 are read"):
        read_json(Part, path, limit=50)


@pytest.mark.parametrize("number", [2**63, -(2**63), 10**90])
def test_a_whole_number_has_64_bits(number):
    with pytest.raises(ValueError, match="a whole number of 64 bits"):
        from_plain(Score, {"class_names": ["a"], "confusion": [[number]], "loss": 1})


def test_a_message_names_a_long_key_shortly():
    with pytest.raises(ValueError, match="notes") as caught:
        from_plain(Whole, {"kind": "round", "parts": [], "notes": {"x\x1b" * 10**6: 1}})
    assert len(str(caught.value)) < 300
    assert "\x1b" not in str(caught.value)


def test_a_file_with_the_former_name_of_a_field_is_read():
    assert from_plain(Experiment, {"fit": "pad"}) == Experiment(resize="pad")
