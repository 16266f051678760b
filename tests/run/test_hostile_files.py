"""Every file of a run may be anybody's: what is wrong with it is named, at once (X4, X6, X7)."""

import gc
import json
import os
import shutil
import socket
import time
import tracemalloc
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

import imgclass
from imgclass import Run
from imgclass.errors import ImgclassError, RunError

pytestmark = pytest.mark.thorough

OLD = Path(__file__).parent / "run-0.1.0"
JSON_FILES = ("run.json", "experiment.json", "evaluation.json", "diagnosis.json")
TABLES = ("manifest.csv", "history.csv", "predictions.csv")
FILES = (*JSON_FILES, *TABLES, "probabilities.npz")
OLD_FILES = (*JSON_FILES, "history.json", "manifest.csv", "predictions.csv")

SECONDS, BYTES, CHARACTERS = 1.0, 200 * 2**20, 1200


@pytest.fixture(scope="module")
def good(made_run, keep_run, tmp_path_factory):
    path = keep_run(replace(made_run, path=tmp_path_factory.mktemp("good") / "run"))
    assert Run.load(path) == made_run
    return path


@pytest.fixture
def root(good, tmp_path):
    """A good run, each file of which a test spoils."""
    return Path(shutil.copytree(good, tmp_path / "run"))


@pytest.fixture
def old(tmp_path):
    """A good run of 0.1.0."""
    return Path(shutil.copytree(OLD, tmp_path / "old"))


def refusal(root, *words):
    """Return why a run is refused, which is quick, short, and harmless to a terminal."""
    gc.disable()  # what other tests left is not collected on this one's time
    begin = time.thread_time()  # a busy machine is no failure
    with pytest.raises(RunError) as caught:
        Run.load(root)
    took = time.thread_time() - begin
    gc.enable()
    assert took < SECONDS
    said = str(caught.value)
    assert len(said) < CHARACTERS
    for word in words:
        assert word in said, said
    return said


def link_out(path):
    moved = path.rename(path.parent.parent / f"outside-{path.name}")
    path.symlink_to(moved)


def link_inside(path):
    path.symlink_to(path.rename(path.with_name("other")).name)


def broken_link(path):
    path.unlink()
    path.symlink_to("nowhere")


def fifo(path):
    path.unlink()
    os.mkfifo(path)


def unix_socket(path):
    path.unlink()
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path has 108 characters at most
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.chdir(here)


def folder(path):
    path.unlink()
    path.mkdir()


def empty(path):
    path.write_bytes(b"")


def huge(path):
    os.truncate(path, 2**40)  # takes no room on the disk


KINDS = {
    link_out: "symbolic link",
    link_inside: "symbolic link",
    broken_link: "symbolic link",
    fifo: "FIFO",
    unix_socket: "socket",
    folder: "directory",
    empty: "",
    huge: "bytes",
}


@pytest.mark.skipif(os.name == "nt", reason="FIFOs and sockets")
@pytest.mark.parametrize("spoil", KINDS, ids=lambda spoil: spoil.__name__)
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_small_regular_one_is_named(root, name, spoil):
    spoil(root / name)
    refusal(root, name, KINDS[spoil])


@pytest.mark.skipif(os.name == "nt", reason="FIFOs and sockets")
@pytest.mark.parametrize("spoil", KINDS, ids=lambda spoil: spoil.__name__)
@pytest.mark.parametrize("name", OLD_FILES)
def test_a_file_of_an_old_run_that_is_no_small_regular_one_is_named(old, name, spoil):
    spoil(old / name)
    refusal(old, name, KINDS[spoil])


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_named(root, name):
    (root / name).chmod(0)
    refusal(root, name, "Permission denied")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root makes devices")
def test_a_device_is_not_opened(root):
    (root / "run.json").unlink()
    try:
        os.mknod(root / "run.json", 0o20666, os.makedev(1, 5))  # gives zeros without end
    except PermissionError:
        pytest.skip("not in this container")
    refusal(root, "run.json", "a device")


def test_the_directory_itself_may_be_a_link(root, small_run):
    link = root.with_name("link")
    link.symlink_to(root)
    assert Run.load(link) == small_run


NO_JSON = {
    "nested 100,000 deep": "[" * 100_000,
    "objects 100,000 deep": '{"a":' * 100_000,
    "nested a little too deep": "[" * 101 + "]" * 101,
    "a million digits": "1" * 1_000_000,
    "a fraction of a million digits": "0." + "1" * 1_000_000,
    "a million values": "[" + "1," * 1_000_000 + "1]",
    "a million objects": "[" + '{"":0},' * 1_000_000 + "1]",
    "the same key twice": '{"format": 2, "format": 2}',
    "half": '{"format": 2,',
    "only a number": "7",
    "a byte-order mark": "\ufeff{}",
    "a NUL": '{"format": "\0"}',
    "an unknown key": json.dumps({"z" * 1_000_000: 1}),
    "terminal codes": json.dumps({"\x1b[2J" * 1000: 1}),
}


@pytest.mark.parametrize("content", NO_JSON.values(), ids=NO_JSON)
@pytest.mark.parametrize("name", JSON_FILES)
def test_what_is_no_modest_json_is_named(root, name, content):
    (root / name).write_text(content, encoding="utf-8")
    assert "\x1b" not in refusal(root, name)


@pytest.mark.parametrize("content", NO_JSON.values(), ids=NO_JSON)
@pytest.mark.parametrize("name", [*JSON_FILES, "history.json"])
def test_what_is_no_modest_json_in_an_old_run_is_named(old, name, content):
    (old / name).write_text(content, encoding="utf-8")
    assert "\x1b" not in refusal(old, name)


@pytest.mark.parametrize("name", JSON_FILES)
def test_bytes_that_are_no_utf8_are_named(root, name):
    (root / name).write_bytes((root / name).read_bytes().replace(b"{", b"{\xff", 1))
    refusal(root, name, "UTF-8")


def changed(plain, place, value):
    """Return `plain` with the value at a dotted place replaced, or removed for `...`."""
    *parents, last = [int(key) if key.isdigit() else key for key in place.split(".")]
    part = plain
    for key in parents:
        part = part[key]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return plain


LONG = "x" * 10_000_000
HUGE = 10**90

# The file, a place in it, what stands there, and what the message says beside the file's name.
VALUES = (
    ("run.json", "format", ..., "'format' is missing"),
    ("run.json", "format", "two", "RunRecord.format: expected a value of type int"),
    ("run.json", "format", True, "RunRecord.format: expected a value of type int"),
    ("run.json", "id", None, "RunRecord.id"),
    ("run.json", "status", "stolen", "RunRecord.status: expected one of"),
    ("run.json", "data", 7, "RunRecord.data"),
    ("run.json", "data", "a\0b", "data: expected the path of a folder"),
    ("run.json", "class_names", "cat", "RunRecord.class_names: expected a list"),
    ("run.json", "class_names", [], "expected 1 to 10,000 classes"),
    ("run.json", "class_names", ["01", "01"], "class_names[1]: expected each class once"),
    ("run.json", "class_names", ["01", ""], "class_names[1]: expected a name"),
    ("run.json", "class_names", ["01", "NA", "x"], "manifest.csv: expected images of each"),
    ("run.json", "class_names", ["01", "x"], "manifest.csv: expected images of the run's classes"),
    ("run.json", "class_names", ["01", LONG[:1_000_000]], "class_names[1]"),
    ("run.json", "class_names", ["01", "\x1b[2J" * 100_000], "class_names[1]: expected a name"),
    ("run.json", "class_names", [str(i) for i in range(20_000)], "received 20,000"),
    ("run.json", "seconds", "NaN", "RunRecord.seconds: expected a finite number"),
    ("run.json", "seconds", "Infinity", "RunRecord.seconds: expected a finite number"),
    ("run.json", "seconds", 1e999, "RunRecord.seconds: expected a finite number"),
    ("run.json", "seconds", HUGE**4, "digits"),
    ("run.json", "best_epoch", HUGE, "RunRecord.best_epoch"),
    ("run.json", "best_epoch", 7, "history.csv: expected the best epoch"),
    ("run.json", "best_epoch", -1, "history.csv: expected the best epoch"),
    ("run.json", "reason", LONG[:2_000_000], "RunRecord.reason"),
    ("run.json", "reason", LONG, "bytes; at most"),
    ("run.json", "environment", {str(i): "" for i in range(2000)}, "environment"),
    ("experiment.json", "spec.image_size", [100_000, 100_000], "image takes 120.0 GB"),
    ("experiment.json", "spec.image_size", [HUGE, 1], "Experiment.spec.image_size"),
    ("experiment.json", "spec.image_size", [0, 8], "image_size"),
    ("experiment.json", "spec.width", "wide", "Experiment.spec.width"),
    ("experiment.json", "spec.dropout", "NaN", "dropout"),
    ("experiment.json", "spec.l2", 1e999, "l2"),
    ("experiment.json", "spec.weights", LONG[:1_000_000], "Experiment.spec.weights"),
    ("experiment.json", "architecture", LONG[:1_000_000], "Experiment.architecture"),
    ("experiment.json", "resize", "squeeze", "Experiment.resize"),
    ("experiment.json", "training.learning_rate", "Infinity", "learning_rate"),
    ("experiment.json", "training.epochs", HUGE, "Experiment.training.epochs"),
    ("evaluation.json", "plain.val", ..., "split val is missing"),
    ("evaluation.json", "plain.odd", {}, "Scores.plain.odd"),
    ("evaluation.json", "plain.val.accuracy", "NaN", "Scores.plain.val: expected accuracy"),
    ("evaluation.json", "plain.val.accuracy", 1.5, "Scores.plain.val: expected accuracy"),
    ("evaluation.json", "plain.val.loss", "NaN", "Scores.plain.val: expected loss"),
    ("evaluation.json", "plain.val.loss", "Infinity", "Scores.plain.val.loss"),
    ("evaluation.json", "plain.val.interval", [0.9, 0.1], "Scores.plain.val: expected interval"),
    ("evaluation.json", "plain.val.n", 0, "Scores.plain.val: expected n"),
    ("evaluation.json", "plain.val.n", HUGE, "Scores.plain.val.n"),
    ("evaluation.json", "plain.val.n", 399, "predictions.csv"),
    ("evaluation.json", "mirrored.val", {}, "Scores.mirrored.val"),
    ("evaluation.json", "constant.val", {"n": 10**6, "by_class": {}}, "constant.val: expected at"),
    ("evaluation.json", "constant.val", {"n": 4, "by_class": {"x": [1, 2]}}, "no class 'x'"),
    ("evaluation.json", "constant.val", {"n": 4, "by_class": {"01": [3, 2]}}, "constant.val"),
    ("evaluation.json", "mirror_images", {"n": 4, "correct": 5, "mirrored": 0}, "mirror_images"),
    ("diagnosis.json", "findings", [], "at least one finding"),
    ("diagnosis.json", "findings.0.severity", "NaN", "severity"),
    ("diagnosis.json", "findings.0.severity", 2, "severity"),
    ("diagnosis.json", "findings.0.explanation", LONG[:1_000_000], "findings[0].explanation"),
    ("diagnosis.json", "findings.0.advice", ["do"] * 1000, "findings[0].advice"),
    ("diagnosis.json", "findings.0.gap.value", "NaN", "findings[0].gap.value"),
    ("diagnosis.json", "target_accuracy", "Infinity", "Diagnosis.target_accuracy"),
    ("diagnosis.json", "target_accuracy", None, "Diagnosis.target_accuracy"),
)


@pytest.mark.parametrize(("name", "place", "value", "words"), VALUES, ids=lambda v: str(v)[:40])
def test_a_value_that_cannot_be_is_named_with_its_place(root, name, place, value, words):
    plain = changed(json.loads((root / name).read_text()), place, value)
    text = json.dumps(plain).replace("Infinity,", "1e999,").replace('"1e999,', '"Infinity",')
    (root / name).write_text(text)
    assert "\x1b" not in refusal(root, words, name if "csv" not in words else "")


OLD_VALUES = (
    ("run.json", "class_names", ["dark", "dark"], "class_names[1]"),
    ("run.json", "environment", [], "_Header.environment"),
    ("evaluation.json", "val.confusion", [[1]], "val.confusion"),
    ("evaluation.json", "val.confusion", [[4, 0], [0]], "val.confusion"),
    ("evaluation.json", "val.confusion", [[5, -1], [0, 4]], "val.confusion"),
    ("evaluation.json", "val.confusion", [[0, 0], [0, 0]], "val: expected images"),
    ("evaluation.json", "val.class_names", ["light", "dark"], "val.class_names"),
    ("evaluation.json", "val.loss", "NaN", "_Scores.val.loss"),
    ("history.json", "best_epoch", 3, "best_epoch"),
    ("history.json", "epochs", [], "best_epoch"),
    ("history.json", "seconds", "NaN", "seconds"),
    ("history.json", "epochs.0.accuracy", 2, "epochs[0].accuracy"),
    ("history.json", "epochs.0.odd", 2, "epochs[0]"),
    ("experiment.json", "spec.image_size", [100_000, 100_000], "GB"),
    ("diagnosis.json", "findings.0.gap.interval", ["NaN", 1], "gap.interval[0]"),
)


@pytest.mark.parametrize(("name", "place", "value", "words"), OLD_VALUES, ids=lambda v: str(v)[:40])
def test_a_value_of_an_old_run_that_cannot_be_is_named(old, name, place, value, words):
    plain = changed(json.loads((old / name).read_text()), place, value)
    (old / name).write_text(json.dumps(plain))
    refusal(old, name, words)


HEADS = {
    "manifest.csv": "path,label,split,sha256,width,height,source",
    "predictions.csv": "path,split,label,predicted,probability,label_probability",
}
ROWS = (
    ("manifest.csv", "a,01,train,0,8", "line 2"),
    ("manifest.csv", "a,01,train,0,8,8,a,b,c", "line 2"),
    ("manifest.csv", "a,cat,train,0,8,8,a", "'cat'"),
    ("manifest.csv", "a,01,training,0,8,8,a", "line 2"),
    ("manifest.csv", f"a,01,train,0,{'9' * 100_000},8,a", "whole numbers of pixels"),
    ("manifest.csv", "a,01,train,0,nan,8,a", "whole numbers of pixels"),
    ("manifest.csv", "a\0,01,train,0,8,8,a", "NUL"),
    ("manifest.csv", f"{'a' * 5_000_000},01,train,0,8,8,a", "line"),
    ("manifest.csv", '"a,01,train', "line 2"),
    ("predictions.csv", "a,val,01,01,0.5", "line 2: expected 6 fields"),
    ("predictions.csv", "a,val,01,01,0.5,0.5,0.5", "line 2: expected 6 fields"),
    ("predictions.csv", "a,odd,01,01,0.5,0.5", "line 2, split"),
    ("predictions.csv", "a,val,cat,01,0.5,0.5", "line 2, label"),
    ("predictions.csv", f"a,val,01,{'x' * 100_000},0.5,0.5", "line 2, predicted"),
    ("predictions.csv", "a,val,01,01,nan,0.5", "line 2, probability: expected a probability"),
    ("predictions.csv", "a,val,01,01,0.5,-inf", "line 2, label_probability"),
    ("predictions.csv", "a,val,01,01,1.5,0.5", "line 2, probability"),
    ("predictions.csv", "a,val,01,01,much,0.5", "line 2, probability"),
    ("predictions.csv", "a\0,val,01,01,0.5,0.5", "NUL"),
    ("predictions.csv", f"{'a' * 100_000},val,01,01,0.5,0.5", "line 2, path"),
    ("predictions.csv", "a,val,01,01,0.5,0.5", "expected 2,800 images; received 1"),
    ("predictions.csv", "a,val,01,01,0.5,0.5\n" * 3000, "line 2802: expected 2,800 images"),
)


@pytest.mark.parametrize(("name", "rows", "words"), ROWS, ids=lambda v: str(v)[:40])
def test_a_row_that_cannot_be_is_named_with_its_line(root, name, rows, words):
    (root / name).write_text(f"{HEADS[name]}\n{rows}\n")
    refusal(root, name, words)


def history(root, **cells):
    """Put cells into the only row of a history."""
    head, row = (root / "history.csv").read_text().splitlines()
    values = dict(zip(head.split(","), row.split(","), strict=True)) | cells
    return head, ",".join(values[name] for name in head.split(","))


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"accuracy": "1.5"}, "line 2, accuracy: expected a number in 0-1"),
        ({"val_accuracy": "-1"}, "line 2, val_accuracy"),
        ({"val_accuracy": "x" * 100_000}, "line 2, val_accuracy"),
        ({"loss": "much"}, "line 2, loss"),
        ({"phase": "nan"}, "line 2, phase"),
        ({"phase": "inf"}, "line 2, phase"),
        ({"phase": "1e300"}, "line 2, phase"),
        ({"epoch": "5"}, "line 2: expected the epoch 0"),
        ({"seconds": "inf"}, "line 2, seconds"),
    ],
    ids=lambda v: str(v)[:40],
)
def test_a_cell_of_a_history_that_cannot_be_is_named(root, cells, words):
    (root / "history.csv").write_text("\n".join(history(root, **cells)))
    refusal(root, "history.csv", words)


def test_the_last_epoch_of_a_diverged_training_may_be_nan(root):
    cells = dict.fromkeys(("accuracy", "val_accuracy", "loss", "val_loss"), "nan")
    (root / "history.csv").write_text("\n".join(history(root, **cells)))
    assert np.isnan(Run.load(root).history.epochs[0].val_accuracy)


def test_an_accuracy_of_an_earlier_epoch_may_not_be_nan(root):
    head, row = history(root, val_accuracy="nan")
    second = history(root, epoch="1")[1]
    (root / "history.csv").write_text(f"{head}\n{row}\n{second}")
    refusal(root, "history.csv", "line 2, val_accuracy: expected a number in 0-1; received nan")


def archive(members, *, compression=zipfile.ZIP_STORED):
    content = BytesIO()
    with zipfile.ZipFile(content, "w", compression) as made:
        for name, data in members:
            made.writestr(name, data)
    return content.getvalue()


def array(value):
    content = BytesIO()
    np.save(content, value, allow_pickle=True)
    return content.getvalue()


def header(shape, descr="<f4"):
    head = repr({"descr": descr, "fortran_order": False, "shape": shape}).ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode()


GOOD = np.full((400, 2), 0.5, np.float32)
SPOILED = GOOD.copy()
SPOILED[3, 1] = np.nan
TEST = ("test.npy", array(GOOD))
ARRAYS = {
    "no zip": (b"no zip at all", "zip archive"),
    "no arrays": (archive([]), "val is missing"),
    "one missing": (archive([("val.npy", array(GOOD))]), "test is missing"),
    "deflated": (
        archive([("val.npy", array(GOOD)), TEST], compression=zipfile.ZIP_DEFLATED),
        "not compressed",
    ),
    "a bomb": (
        archive([("val.npy", b"\0" * 10**8), TEST], compression=zipfile.ZIP_DEFLATED),
        "",
    ),
    "twice the same": (
        archive([("val.npy", b""), ("vax.npy", b"")]).replace(b"vax", b"val"),
        "each array once",
    ),
    "too many": (archive([(f"{i}.npy", b"") for i in range(20)]), "arrays; received 20"),
    "too many by far": (archive([(f"{i}", b"") for i in range(2000)]), "bytes"),
    "NaN": (archive([("val.npy", array(SPOILED)), TEST]), "val[3, 1]: expected a probability"),
    "negative": (archive([("val.npy", array(-GOOD)), TEST]), "val[0, 0]: expected a probability"),
    "another shape": (archive([("val.npy", array(GOOD[:3])), TEST]), "val of shape (400, 2)"),
    "another type": (archive([("val.npy", array(GOOD.astype("i4"))), TEST]), "int32"),
    "objects": (archive([("val.npy", array(np.array([{}], object))), TEST]), "val of shape"),
    "a huge shape": (archive([("val.npy", header((2**40, 2**20))), TEST]), "val of shape"),
    "a negative shape": (archive([("val.npy", header((-400, 2))), TEST]), "val of shape"),
    "no numbers": (archive([("val.npy", header((400, 2))), TEST]), "it has 0 bytes"),
    "code": (
        archive([("val.npy", header("__import__('os').abort()")), TEST]),
        "probabilities.npz",
    ),
    "a later format": (archive([("val.npy", b"\x93NUMPY\x03\x00"), TEST]), "format 1.0"),
}


@pytest.mark.parametrize(("content", "words"), ARRAYS.values(), ids=ARRAYS)
def test_probabilities_that_are_none_are_named(root, content, words):
    (root / "probabilities.npz").write_bytes(content)
    refusal(root, "probabilities.npz", words)


def test_nothing_is_unpickled(root, monkeypatch):
    monkeypatch.setattr("pickle.load", lambda *_: pytest.fail("unpickled"))
    monkeypatch.setattr("pickle.loads", lambda *_: pytest.fail("unpickled"))
    content = archive([("val.npy", array(np.array([{}], object))), TEST])
    (root / "probabilities.npz").write_bytes(content)
    refusal(root, "probabilities.npz")


@pytest.mark.parametrize(
    "content",
    [
        "[" + '{"":0},' * 300_000 + "0]",
        "[" + "[]," * 2_000_000 + "0]",
        "[" + "1.5," * 1_500_000 + "0]",
        "[" + '"ab",' * 1_300_000 + "0]",
        '{"id": "' + "\U0001f600" * 1_900_000 + '"}',
        '"' + "\\" * 6_000_000,
    ],
    ids=["objects", "lists", "numbers", "texts", "emoji", "escapes"],
)
def test_a_file_just_small_enough_costs_little_memory(root, content):
    (root / "run.json").write_text(content, encoding="utf-8")
    tracemalloc.start()
    try:
        with pytest.raises(RunError):
            Run.load(root)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < BYTES


@pytest.mark.skipif(os.name == "nt", reason="FIFOs")
@pytest.mark.parametrize("spoil", [fifo, link_out, folder, huge, empty], ids=lambda s: s.__name__)
@pytest.mark.parametrize("name", ["run.json", "experiment.json", "evaluation.json", "history.csv"])
def test_a_damaged_run_is_listed_as_damaged_beside_the_others(root, name, spoil):
    good = Path(shutil.copytree(root, root.parent / "runs" / "good"))
    shutil.move(root, good.with_name("bad"))
    spoil(good.with_name("bad") / name)
    statuses = {run.name: (run.status, run.reason) for run in imgclass.runs(good.parent)}
    assert statuses["good"] == ("finished", "")
    assert statuses["bad"][0] == "damaged"
    assert name in statuses["bad"][1]


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_a_lock_that_is_a_link_empties_no_file_of_the_user(root, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    (root / ".lock").symlink_to(precious)
    with pytest.raises(ImgclassError, match=r"\.lock"):
        imgclass.diagnose_run(root)
    assert precious.read_text() == "keep me"


@pytest.mark.skipif(os.name == "nt", reason="FIFOs")
def test_a_lock_that_is_a_fifo_does_not_wait(root):
    os.mkfifo(root / ".lock")
    (root / "run.json").write_text(
        (root / "run.json").read_text().replace('"finished"', '"running"')
    )
    assert Run.load(root).status == "interrupted"
    with pytest.raises(ImgclassError, match=r"\.lock"):
        imgclass.diagnose_run(root)


def test_a_run_shows_long_texts_shortly(small_run, keep_run):
    record = replace(small_run.record, reason="\x1b[2J" * 100_000, status="failed")
    experiment = replace(small_run.experiment, architecture="\x1b" * 90_000)
    root = keep_run(replace(small_run, record=record, experiment=experiment, kept_diagnosis=None))
    run = Run.load(root)
    with pytest.raises(RunError, match="has no diagnosis") as caught:
        _ = run.diagnosis
    listed = imgclass.runs(root)
    shown = f"{caught.value}{run!r}{run._repr_html_()}{listed!r}{listed._repr_html_()}"
    assert len(shown) < 5000
    assert "\x1b" not in shown
