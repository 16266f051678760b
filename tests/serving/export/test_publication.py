import pytest

from imgclass.errors import MachineError, UnsafeError
from imgclass.io.fs import FileSystem
from imgclass.serving.export import publication
from imgclass.serving.export.publication import new_folder, publish, require_free, write_text


def made(folder, text="new", *, force=False):
    with new_folder(folder) as part:
        write_text(part / "labels.txt", text)
        publish(part, folder, force=force)


def test_a_folder_is_there_whole_and_nothing_is_left_beside_it(tmp_path):
    made(tmp_path / "export" / "onnx")
    assert [path.name for path in (tmp_path / "export").iterdir()] == ["onnx"]
    assert (tmp_path / "export" / "onnx" / "labels.txt").read_text() == "new"


def test_an_earlier_export_is_replaced_only_when_asked(tmp_path):
    made(tmp_path / "onnx", "old")
    with pytest.raises(UnsafeError, match="--force"):
        require_free(tmp_path / "onnx", force=False)
    require_free(tmp_path / "onnx", force=True)
    made(tmp_path / "onnx", force=True)
    assert (tmp_path / "onnx" / "labels.txt").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["onnx"]


def test_a_folder_with_other_files_is_never_replaced(tmp_path):
    made(tmp_path / "onnx")
    (tmp_path / "onnx" / "notes.txt").write_text("mine")
    with pytest.raises(UnsafeError, match=r"which has 'notes\.txt'"):
        require_free(tmp_path / "onnx", force=True)


def test_a_folder_that_has_appeared_meanwhile_stays(tmp_path):
    made(tmp_path / "onnx", "of another process")
    with pytest.raises(UnsafeError, match="there already"):
        made(tmp_path / "onnx")
    assert (tmp_path / "onnx" / "labels.txt").read_text() == "of another process"
    assert [path.name for path in tmp_path.iterdir()] == ["onnx"]


def test_a_file_in_the_place_of_the_folder_stays(tmp_path):
    (tmp_path / "onnx").write_text("mine")
    with pytest.raises(UnsafeError, match="Expected a new folder"):
        require_free(tmp_path / "onnx", force=True)


def test_after_a_failure_neither_the_folder_nor_a_part_of_it_is_there(tmp_path):
    def fail(part):
        write_text(part / "labels.txt", "half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "onnx") as part:
        fail(part)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_an_error_that_names_the_file(tmp_path, monkeypatch):
    def full(function, /, *arguments):
        if function.__name__ == "write":
            raise OSError(28, "No space left on device")
        return function(*arguments)

    monkeypatch.setattr(publication, "FILES", FileSystem(full))
    with pytest.raises(MachineError, match=r"labels\.txt could not be written: No space left"):
        made(tmp_path / "onnx")
