import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import DatasetError, LabelsError, UnsafeError

CLASSES = ("ant", "bee", "cow")
TRANSFERS = ["copy", "hardlink", "symlink", "move"]


def rows(numbers):
    return {f"{i}.png": CLASSES[i % 3] for i in numbers}


@pytest.fixture
def organized(desk):
    """Thirty images, organized; a function that organizes them as it is told."""

    def organize(**options):
        organizer = DatasetOrganizer(**{"val": 6, "test": 6, **options})
        organizer.organize(desk.labels, desk.images, desk.root)
        return organizer, (desk.labels, desk.images, desk.root)

    return organize


def add(desk, numbers, png):
    for i in numbers:
        (desk.images / f"{i}.png").write_bytes(png(i))


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_new_images_are_added_and_no_other_changes_its_split(desk, organized, png, transfer):
    organizer, place = organized(transfer=transfer)
    before = ImageFolder.open(desk.root).manifest
    add(desk, range(30, 60), png)
    desk.write_labels(rows(range(60)))
    changes = organizer.update(*place)
    after = ImageFolder.open(desk.root)
    assert after.manifest.samples[:30] == before.samples
    assert after.manifest.samples[30:] == changes.added
    assert [sample.source for sample in changes.added] == [f"{i}.png" for i in range(30, 60)]
    assert not changes.removed
    assert not changes.changed
    for sample in changes.added:
        assert (desk.root / sample.path).read_bytes() == png(int(sample.source[:-4]))
    assert [path.name for path in desk.home.iterdir() if path.name.startswith(".")] == []
    assert any(desk.images.iterdir()) == (transfer != "move")


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_a_second_update_makes_no_writing_call(
    desk, organized, snapshot, png, *, intercept, transfer
):
    organizer, place = organized(transfer=transfer)
    add(desk, range(30, 40), png)
    desk.write_labels(rows(range(40)))
    organizer.update(*place)
    before = snapshot(desk.home)
    names = set()

    def watched(function, *arguments):
        names.add(function.__name__)
        return function(*arguments)

    with intercept(watched):
        assert not organizer.update(*place).added
    assert names <= {"lstat", "scandir", "open", "fstat", "read", "close"}
    assert snapshot(desk.home) == before


def test_new_images_are_placed_alike_whatever_comes_with_them(desk, organized, png, tmp_path):
    organizer, place = organized()
    add(desk, range(30, 50), png)
    desk.write_labels(rows(range(50)))
    at_once = {sample.source: sample.split for sample in organizer.update(*place).added}
    other = tmp_path / "other"
    for path in desk.images.iterdir():
        if int(path.stem) >= 30:
            path.unlink()
    desk.write_labels(rows(range(30)))
    organizer.organize(desk.labels, desk.images, other)
    one_by_one = {}
    for i in reversed(range(30, 50)):
        add(desk, [i], png)
        desk.write_labels(rows([*range(30), *range(i, 50)]))
        [sample] = organizer.update(desk.labels, desk.images, other).added
        one_by_one[sample.source] = sample.split
    assert at_once == one_by_one
    assert set(at_once.values()) == {"train", "val", "test"}


def test_what_is_gone_or_changed_is_reported_and_stays(desk, organized, snapshot, png):
    organizer, place = organized()
    before = snapshot(desk.root)
    (desk.images / "3.png").unlink()
    (desk.images / "4.png").write_bytes(png(99))
    desk.write_labels({**rows(range(29)), "5.png": "ant"})
    (desk.images / "29.png").unlink()
    changes = organizer.update(*place)
    assert changes.removed == ("3.png", "29.png")
    assert changes.changed == (
        "5.png: the label was 'cow' and is 'ant'",
        "4.png: the bytes have changed",
    )
    assert snapshot(desk.root) == before


def test_a_new_class_and_a_broken_image_are_told(desk, organized, png):
    organizer, place = organized()
    add(desk, [30], png)
    (desk.images / "31.png").write_bytes(b"")
    desk.write_labels({**rows(range(30)), "30.png": "dodo", "31.png": "ant"})
    changes = organizer.update(*place)
    assert [sample.label for sample in changes.added] == ["dodo"]
    assert [item.source for item in changes.quarantined] == ["31.png"]
    folder = ImageFolder.open(desk.root)
    assert folder.class_names == ("ant", "bee", "cow", "dodo")
    assert [item.source for item in folder.left_out.quarantined] == ["31.png"]


def test_a_new_image_joins_its_group(desk, organized, png):
    desk.write({f"p{i // 3}_{i % 3}.png": CLASSES[i // 3 % 3] for i in range(36)})
    options = {"val": 0.2, "test": 0.2, "ignore_unlabelled": True}
    organizer, place = organized(group_pattern=r"^(p\d+)_", **options)
    for i in range(14):
        (desk.images / f"p{i}_9.png").write_bytes(png(200 + i))
    text = "".join(f"p{i}_9.png,{CLASSES[i % 3]}\n" for i in range(14))
    desk.labels.write_text(desk.labels.read_text("utf-8") + text, encoding="utf-8")
    assert len(organizer.update(*place).added) == 14
    found = {}
    for sample in ImageFolder.open(desk.root).manifest.samples:
        found.setdefault(sample.source.partition("_")[0], set()).add(sample.split)
    assert len(found) == 14
    assert all(len(splits) == 1 for splits in found.values())


def test_a_new_image_joins_its_group_though_the_csv_names_no_other_of_it(desk, organized, png):
    desk.write({f"p{i // 3}_{i % 3}.png": CLASSES[i // 3 % 3] for i in range(36)})
    options = {"val": 0.2, "test": 0.2, "ignore_unlabelled": True}
    organizer, place = organized(group_pattern=r"^(p\d+)_", **options)
    for i in range(12):
        (desk.images / f"p{i}_9.png").write_bytes(png(200 + i))
    desk.write_labels({f"p{i}_9.png": CLASSES[i % 3] for i in range(12)})
    changes = organizer.update(*place)
    assert (len(changes.added), changes.notices) == (12, ())
    samples = ImageFolder.open(desk.root).manifest.samples
    assert len({(s.source.partition("_")[0], s.split) for s in samples}) == 12


def test_a_new_image_joins_its_group_that_the_csv_no_longer_names(desk, organized, png):
    def write(numbers):
        lines = [f"{i}.png,{CLASSES[i % 3]},patient {i % 15}\n" for i in numbers]
        desk.labels.write_text("id,label,patient\n" + "".join(lines), encoding="utf-8")

    write(range(30))
    options = {"val": 0.2, "test": 0.2, "ignore_unlabelled": True}
    organizer, place = organized(group_column="patient", **options)
    add(desk, range(30, 45), png)
    write(range(30, 45))
    changes = organizer.update(*place)
    assert (len(changes.added), changes.notices) == (15, ())
    samples = ImageFolder.open(desk.root).manifest.samples
    assert len({(sample.group, sample.split) for sample in samples}) == 15


def test_a_new_image_joins_its_group_of_images_that_were_moved(desk, organized, png):
    def write(count):
        lines = [f"{i}.png,{CLASSES[i % 3]},patient {i % 15}\n" for i in range(count)]
        desk.labels.write_text("id,label,patient\n" + "".join(lines), encoding="utf-8")

    write(30)
    organizer, place = organized(transfer="move", group_column="patient", val=0.2, test=0.2)
    add(desk, range(30, 45), png)
    write(45)
    assert len(organizer.update(*place).added) == 15
    found = {}
    for sample in ImageFolder.open(desk.root).manifest.samples:
        found.setdefault(int(sample.source[:-4]) % 15, set()).add(sample.split)
    assert all(len(splits) == 1 for splits in found.values())


@pytest.mark.parametrize("change", [{"seed": 1}, {"val": 5}, {"transfer": "move"}])
def test_other_options_are_refused(desk, organized, snapshot, change):
    organized()
    before = snapshot(desk.home)
    with pytest.raises(UnsafeError, match="options by which"):
        DatasetOrganizer(**{"val": 6, "test": 6, **change}).update(
            desk.labels, desk.images, desk.root
        )
    assert snapshot(desk.home) == before


def test_rows_that_mean_nothing_are_named_also_after_a_move(desk, organized):
    organizer, place = organized(transfer="move")
    desk.write_labels({**rows(range(30)), "77.png": "ant"})
    with pytest.raises(LabelsError, match=r"Rows without an image: 1\n.*'77\.png'"):
        organizer.update(*place)


def test_where_there_is_no_data_set_nothing_is_updated(desk):
    with pytest.raises(DatasetError, match="found none"):
        DatasetOrganizer().update(desk.labels, desk.images, desk.root)


def test_a_file_that_is_in_the_way_is_not_overwritten(desk, organized, png):
    organizer, place = organized()
    add(desk, range(30, 40), png)
    desk.write_labels(rows(range(40)))
    for split in ("train", "val", "test"):
        (desk.root / split / "ant" / "30.png").write_bytes(b"mine")
    with pytest.raises(OSError, match="File exists"):
        organizer.update(*place)
    assert {path.read_bytes() for path in desk.root.rglob("30.png")} == {b"mine"}


class Updates(RuleBasedStateMachine):
    """Random additions, removals and runs: no image is ever in two splits, none ever moves."""

    @initialize(data=st.data())
    def begin(self, data):
        import tempfile
        from pathlib import Path

        self.folder = tempfile.TemporaryDirectory()
        self.home = Path(self.folder.name)
        self.images = self.home / "images"
        self.images.mkdir()
        self.labels = {}
        self.placed = {}
        self.next = 0
        self.organizer = DatasetOrganizer(val=0.3, test=0.3)
        for _ in range(data.draw(st.integers(6, 12))):
            self.write()
        self.run("organize")

    def write(self):
        name = f"{self.next}.ppm"
        (self.images / name).write_bytes(b"P6 1 1 255 " + self.next.to_bytes(3, "big"))
        self.labels[name] = "ab"[self.next % 2]
        self.next += 1

    def run(self, verb):
        lines = [f"{name},{label}\n" for name, label in self.labels.items()]
        (self.home / "labels.csv").write_text("id,label\n" + "".join(lines), encoding="utf-8")
        run = getattr(self.organizer, verb)
        run(self.home / "labels.csv", self.images, self.home / "data")

    @rule(count=st.integers(1, 5))
    def add(self, count):
        for _ in range(count):
            self.write()
        self.run("update")

    @rule(data=st.data())
    def remove(self, data):
        name = data.draw(st.sampled_from(sorted(self.labels)))
        if list(self.labels.values()).count(self.labels[name]) > 1:
            del self.labels[name]
            (self.images / name).unlink()
            self.run("update")

    @rule(data=st.data())
    def bring_back(self, data):
        gone = sorted(set(self.placed) - set(self.labels))
        if gone:
            name = data.draw(st.sampled_from(gone))
            number = int(name.partition(".")[0])
            (self.images / name).write_bytes(b"P6 1 1 255 " + number.to_bytes(3, "big"))
            self.labels[name] = "ab"[number % 2]
            self.run("update")

    @rule()
    def run_again(self):
        self.run("update")

    @invariant()
    def nothing_leaks(self):
        files = {}
        for path in (self.home / "data").rglob("*.ppm"):
            files.setdefault(path.name, []).append(path.parts[-3])
        assert all(len(splits) == 1 for splits in files.values())
        for name, split in self.placed.items():
            assert files[name] == [split]
        self.placed = {name: splits[0] for name, splits in files.items()}
        assert set(self.labels) <= set(self.placed)
        assert len(ImageFolder.open(self.home / "data").manifest.samples) == len(files)

    def teardown(self):
        if hasattr(self, "folder"):
            self.folder.cleanup()


TestUpdates = Updates.TestCase
TestUpdates.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
