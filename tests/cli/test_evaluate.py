import pytest
from PIL import Image

from imgclass.errors import RunError

QUIET = "imgclass.training.backend.load_keras_quietly"


@pytest.fixture
def new(tmp_path):
    """Images of the run's two classes; one of the bright class is dark."""
    for label, values in {"01": (10, 20, 30), "NA": (60, 220, 230)}.items():
        (tmp_path / "new" / label).mkdir(parents=True)
        for value in values:
            Image.new("RGB", (8, 8), (value,) * 3).save(tmp_path / "new" / label / f"{value}.png")
    return tmp_path / "new"


@pytest.fixture
def place(new, monkeypatch):
    """The folder of `new`, as the working directory."""
    monkeypatch.chdir(new.parent)
    return new.parent


def test_evaluate_trusts_where_it_is_told_to(imgclass, run_dir, monkeypatch):
    asked = []

    def evaluate_run(run, **_):
        asked.append(run.trust)
        raise RunError("asked")

    monkeypatch.setattr("imgclass.execution.evaluate_run", evaluate_run)
    monkeypatch.setattr("imgclass.serving.Classifier.check", lambda _: None)
    monkeypatch.setattr(QUIET, lambda: None)
    for options in ([], ["--trust"]):
        imgclass("evaluate", run_dir, *options)
    assert asked == [False, True]


def test_a_folder_is_scored_by_class_with_intervals(imgclass, bright_run, new):
    done = imgclass("evaluate", bright_run, new)
    assert done.code == 0
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "accuracy 83.3 % 43.6 to 97.0 %" in lines
    assert "balanced accuracy 83.3 %" in lines
    assert "NA 3 66.7 % 20.8 to 93.9 % 100.0 % 34.2 to 100.0 %" in lines
    assert "NA 01 1 33.3 %" in lines


def test_json_has_every_class_and_every_confused_pair(imgclass, bright_run, new):
    said = imgclass("evaluate", bright_run, new, "--json").json
    assert (said["n"], said["split"], said["unread"], said["learned"]) == (6, None, [], 0)
    assert [one["recall"] for one in said["classes"]] == [1.0, pytest.approx(2 / 3)]
    assert said["confused"] == [
        {"label": "NA", "predicted": "01", "images": 1, "share": pytest.approx(1 / 3)}
    ]
    assert said["ece_interval"][0] <= said["ece"] <= said["ece_interval"][1]


def test_classes_that_the_run_does_not_know_are_an_error_or_left_out(imgclass, bright_run, new):
    (new / "owl").mkdir()
    Image.new("RGB", (8, 8)).save(new / "owl" / "1.png")
    done = imgclass("evaluate", bright_run, new)
    assert (done.code, "'owl (1 image)'" in done.err) == (3, True)
    done = imgclass("evaluate", bright_run, new, "--ignore-unknown")
    assert (done.code, "does not know these classes: 'owl (1)'" in done.out) == (4, True)


def test_an_image_that_cannot_be_read_is_named_and_does_not_count(imgclass, bright_run, new):
    (new / "01" / "bad.png").write_text("no image")
    done = imgclass("evaluate", bright_run, new, "--json")
    assert (done.code, done.json["n"]) == (4, 6)
    assert "bad.png" in done.json["unread"][0]["error"]


def test_nothing_is_written_when_another_folder_is_scored(imgclass, bright_run, new):
    def state():
        return sorted((p, p.stat().st_mtime_ns) for p in (*bright_run.rglob("*"), *new.rglob("*")))

    before = state()
    imgclass("evaluate", bright_run, new)
    assert state() == before


@pytest.mark.parametrize(
    "case",
    [
        (["new", "--data", "new"], 2, "received both"),
        (["--split", "test"], 2, "imgclass evaluate RUN DATA"),
        (["new", "--split", "test"], 2, "it has no splits"),
        (["new", "--split", "tset"], 2, "--split"),
        (["nowhere"], 3, "there is no folder"),
        (["empty"], 3, "no image in a class folder"),
    ],
    ids=lambda case: " ".join(case[0]),
)
def test_wrong_words_say_what_was_expected(imgclass, bright_run, place, case):
    words, code, reason = case
    (place / "empty").mkdir()
    done = imgclass("evaluate", bright_run, *words)
    assert (done.code, reason in done.err) == (code, True)
