from pathlib import Path

import pytest

from imgclass.diagnosis.experience import (
    ExperienceWarning,
    add_experience,
    known_experience,
    own_table,
)
from imgclass.diagnosis.experience.table import packaged_experience, read_table, table_text
from imgclass.errors import MachineError


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_the_own_table_lies_where_the_user_keeps_data(home, monkeypatch):
    assert own_table() == home / "imgclass" / "experience.jsonl"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(Path, "home", lambda: home)
    assert own_table() == home / ".local" / "share" / "imgclass" / "experience.jsonl"
    monkeypatch.setattr("sys.platform", "darwin")
    assert own_table() == home / "Library/Application Support" / "imgclass" / "experience.jsonl"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(home / "Local"))
    assert own_table() == home / "Local" / "imgclass" / "experience.jsonl"


def test_a_user_without_a_home_has_no_table_and_no_trouble(monkeypatch, make_row):
    def homeless():
        raise RuntimeError

    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(Path, "home", homeless)
    add_experience(make_row(0.1))
    assert known_experience() == packaged_experience()


def test_what_is_added_is_known_from_then_on(make_row):
    assert known_experience() == packaged_experience()
    rows = make_row(0.1, source="mine"), make_row(-0.2, lever="drop_more")
    for row in rows:
        add_experience(row)
        assert known_experience()[-1] == row
    assert known_experience() == (*packaged_experience(), *rows)


def test_damaged_lines_are_left_out_with_a_warning(make_row):
    add_experience(make_row(0.1))
    with own_table().open("a", encoding="utf-8") as file:
        file.write('{"lever": "deepen"}\nnonsense\n\n')
    add_experience(make_row(0.2))
    with pytest.warns(ExperienceWarning) as warned:
        own = known_experience()[len(packaged_experience()) :]
    assert own == (make_row(0.1), make_row(0.2))
    assert [str(each.message).split(",")[1] for each in warned] == [" line 2", " line 3"]


def test_a_table_that_is_no_text_is_left_out_with_a_warning():
    own_table().parent.mkdir()
    own_table().write_bytes(b"\xff\xfe")
    with pytest.warns(ExperienceWarning, match="is left out"):
        assert known_experience() == packaged_experience()


def test_a_table_that_cannot_be_written_is_an_error_that_names_it(home, make_row):
    (home / "imgclass").write_text("a file where the folder should be")
    with pytest.raises(MachineError, match=r"experience\.jsonl"):
        add_experience(make_row(0.1))


def test_rows_are_read_from_a_csv_as_they_were_written(make_row):
    rows = make_row(0.1, source="3 dots"), make_row(-0.2, l2=1e-4, n_train=400)
    assert tuple(read_table(table_text(rows))) == rows
