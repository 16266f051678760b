import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclass.data.organize.file_names import file_name, file_source
from imgclass.errors import LabelsError

paths = st.binary(min_size=1, max_size=60).map(lambda data: data.decode("utf-8", "surrogateescape"))


@given(paths)
def test_a_name_leads_back_to_its_source(source):
    name = file_name(source)
    assert file_source(name) == source
    name.encode()


@given(paths)
def test_a_name_is_one_that_every_file_system_takes(source):
    name = file_name(source)
    assert not set(name) & set('/\\:*?"<>|\0\n\r')
    assert name[0] not in ". "
    assert name[-1] not in ". "


def test_a_name_that_is_too_long_is_refused_by_its_source():
    with pytest.raises(LabelsError, match=r"'aaaa.*at most 255 bytes; received 256"):
        file_name("a" * 256)
