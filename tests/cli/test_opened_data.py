"""What a command is given to train on is opened, and it says how a data set is split."""

from imgclass import Run
from imgclass.cli.opened_data import open_data, open_run_or_data


def test_of_a_data_set_is_said_how_it_is_split(folder, capsys):
    opened = open_data(folder)
    said = capsys.readouterr()
    assert opened.counts == {"train": 24, "val": 8, "test": 8}
    assert said.out == ""
    assert ["all", "24", "8", "8", "40"] in [line.split() for line in said.err.splitlines()]


def test_a_folder_that_is_no_run_is_opened_as_a_data_set(folder):
    opened = open_run_or_data(folder)
    assert opened == open_data(folder)


def test_a_run_is_opened_as_it_is_and_nothing_is_said(run_dir, capsys):
    opened = open_run_or_data(run_dir)
    assert isinstance(opened, Run)
    assert opened.path == run_dir
    assert capsys.readouterr().err == ""
