import pytest

from imgclass.run.directory import RunDirectory
from imgclass.run.heat_maps_file import FILE, FORMAT, MOST, HeatMap, HeatMaps, read_heat_maps

HEAT = HeatMap("val/cat/\udc80.png", "cat", "dog", ((0, 255), (3, 4)))


@pytest.fixture
def keep(small_run):
    def keep(*maps, version=FORMAT):
        small_run.path.mkdir(exist_ok=True)
        RunDirectory(small_run.path, small_run.record).keep_heat_maps(HeatMaps(version, maps))
        return small_run.path

    return keep


def test_maps_are_read_as_they_were_kept(keep):
    assert read_heat_maps(keep(HEAT)) == (HEAT,)


def test_a_run_without_maps_has_none(small_run):
    assert read_heat_maps(small_run.path) == ()


@pytest.mark.parametrize("content", [b"", b"{", b'{"format": 1, "maps": 3}', b"[" * 10**6])
def test_a_damaged_file_is_as_none(keep, content):
    path = keep(HEAT)
    (path / FILE).write_bytes(content)
    assert read_heat_maps(path) == ()


def test_another_format_and_more_maps_than_a_run_has_are_not_read(keep):
    assert read_heat_maps(keep(HEAT, version=FORMAT + 1)) == ()
    assert len(read_heat_maps(keep(*[HEAT] * (MOST + 3)))) == MOST


@pytest.mark.parametrize("rows", [(), ((),), ((1,), (1, 2)), ((256,),), ((-1,),), ((0,) * 33,)])
def test_rows_are_a_grid_of_bytes(rows):
    with pytest.raises(ValueError, match="expected"):
        HeatMap("1.png", "cat", "dog", rows)


def test_a_link_is_not_followed(keep, tmp_path):
    path = keep(HEAT)
    (path / FILE).rename(tmp_path / "other.json")
    (path / FILE).symlink_to(tmp_path / "other.json")
    assert read_heat_maps(path) == ()
