import pytest

from imgclass.models.packaged_weights import PACKAGES


@pytest.mark.parametrize(("path", "word"), [("w.pth", "installed"), (None, "not installed")])
def test_it_says_whose_imagenet_weights_are_installed(path, word, imgclass, monkeypatch):
    monkeypatch.setattr("imgclass.models.packaged_weights.find_packaged_weights", lambda _: path)
    done = imgclass("architectures")
    rows = {line.split()[0]: line for line in done.out.splitlines()}
    assert all(rows[name].split("  ")[-1] == word for name in PACKAGES)
    assert "installed" not in rows["vgg16"]


def test_in_json_weights_that_no_package_has_are_null(imgclass):
    found = {a["name"]: a for a in imgclass("architectures", "--json").json["architectures"]}
    assert found["vgg16"]["weights_installed"] is None
    assert isinstance(found["efficientnet_lite0"]["weights_installed"], bool)
