import json
import os
import subprocess
import sys

import pytest

from imgclass.cli import command as cli


def run_module(*words, **options):
    options = {"capture_output": True, "text": True} | options
    return subprocess.run([sys.executable, "-m", "imgclass", *words], **options, check=False)


def test_help_names_every_verb(imgclass):
    done = imgclass("--help")
    assert done.code == 0
    for verb in ("organize", "architectures", "train", "diagnose", "report", "predict", "demo"):
        assert f"  {verb} " in done.out


def test_no_word_at_all_is_a_call_for_help(imgclass):
    assert imgclass().out == imgclass("--help").out


def test_wrong_usage_points_to_the_help_of_its_verb(imgclass):
    assert "See `imgclass organize --help`" in imgclass("organize", "labels.csv").err


def test_the_version_is_that_of_the_distribution(imgclass):
    import importlib_metadata

    assert imgclass("--version").out.strip() == importlib_metadata.version("imgclass-keras")


@pytest.mark.parametrize(
    "words",
    [
        ["tran", "data"],
        ["train"],
        ["train", "data", "--epochs", "many"],
        ["train", "data", "--resize", "squash"],
        ["train", "data", "--no-such-option"],
        ["train", "data", "--augment", "heavy"],
        ["train", "data", "--image-size", "big"],
        ["train", "data", "--head-units", "a,b"],
        ["train", "data", "--dropout", "1.5"],
        pytest.param(
            ["train", "data", "--depth", "0"], marks=pytest.mark.keras
        ),  # the network says so
        ["train", "data", "--architecture", "vgg61"],
        ["organize", "labels.csv", "images", "out", "--val", "half"],
        ["organize", "labels.csv", "images", "out", "--val", "0.6", "--test", "0.5"],
        ["diagnose", "run", "--target-accuracy", "95"],
        ["predict", "run"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_code_2_and_one_json_object(imgclass, words, organized, monkeypatch):
    monkeypatch.chdir(organized.parent)
    done = imgclass(*words, "--json")
    assert done.code == 2
    assert set(done.json) == {"error"}
    assert done.json["error"]["exit_code"] == 2
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["organize", "no.csv", "images", "out"],
        ["organize", "labels.csv", "no-images", "out"],
        ["train", "no-data"],
        ["train", "images"],
        ["diagnose", "no-run"],
        ["predict", "no-run", "1.png"],
    ],
    ids=" ".join,
)
def test_bad_input_is_code_3_and_one_json_object(imgclass, words, source, monkeypatch):
    monkeypatch.chdir(source)
    done = imgclass(*words, "--json")
    assert done.code == 3
    assert done.json["error"]["message"]
    assert "Traceback" not in done.err


def test_an_error_without_json_is_one_line_on_standard_error(imgclass):
    done = imgclass("diagnose", "no-run")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("imgclass: Expected a run directory")


def test_a_bug_is_code_1_and_says_that_it_is_one(imgclass, monkeypatch):
    monkeypatch.setattr(cli, "app", lambda *_, **__: 1 / 0)
    done = imgclass("architectures", "--json")
    assert done.code == 1
    assert "bug in imgclass" in done.json["error"]["message"]
    assert "ZeroDivisionError" in done.err


@pytest.mark.parametrize("place", ["imgclass.cli.command.app", "imgclass.cli.architectures.emit"])
def test_an_interruption_is_code_6(imgclass, monkeypatch, place):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(place, interrupt)
    done = imgclass("architectures", "--json")
    assert (done.code, done.json["error"]["exit_code"]) == (6, 6)


def test_control_characters_in_names_do_not_reach_the_terminal(imgclass):
    assert "\x1b" not in imgclass("diagnose", "run\x1b[2J").err


def test_a_reader_that_goes_away_is_no_error():
    with subprocess.Popen(
        [sys.executable, "-m", "imgclass", "architectures"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        assert process.wait() == 0
        assert process.stderr.read() == b""


def test_the_command_works_without_terminal_home_and_locale(tmp_path):
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "1", "LC_ALL": "C"}
    done = run_module("architectures", "--json", env=environment, cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["architectures"]
