import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from imgclass.audit import Audit, render_audit, write_audit
from imgclass.errors import MachineError

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def full(tree):
    hostile = tree / "train" / HOSTILE
    hostile.mkdir()
    (hostile / '"><script>.jpg').write_bytes((tree / "train" / "cat" / "2.png").read_bytes())
    (hostile / "{{7*7}}\u202e.png").write_bytes(b"<script>alert(1)</script>")
    with Image.open(tree / "train" / "dog" / "1.png") as image:
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tree / "val" / "dog" / "m.png")
    Image.new("RGB", (32, 32)).save(tree / "train" / "cat" / "blank.png")
    return Audit.of(tree)


def tags(page):
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append((tag, dict(attrs)))

    Reader().feed(page)
    return found


def test_nothing_from_the_data_becomes_markup(full):
    page = render_audit(full)
    assert {tag for tag, _ in tags(page)} & {"iframe", "object", "form"} == set()
    assert [tag for tag, _ in tags(page)].count("script") == 1
    assert not [a for _, attrs in tags(page) for a in attrs if a.startswith("on")]
    assert "{{7*7}}" in page
    assert "\u202e" not in page


def test_the_page_needs_nothing_else(full):
    page = render_audit(full)
    sources = [attrs["src"] for tag, attrs in tags(page) if tag == "img"]
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    links = [attrs["href"] for tag, attrs in tags(page) if tag == "a"]
    assert all(link.startswith("#") for link in links)
    assert "default-src 'none'" in page


def test_every_link_leads_to_a_section_of_the_page(full):
    page = render_audit(full)
    there = {attrs["id"] for _, attrs in tags(page) if "id" in attrs}
    assert {attrs["href"][1:] for tag, attrs in tags(page) if tag == "a"} <= there


def test_each_issue_and_finding_that_was_found_has_its_heading(full):
    page = render_audit(full)
    for title in ("Broken or truncated", "Exact duplicate", "Near-duplicate", "Leak", "Too dark"):
        assert re.search(rf"<h2[^>]*>{title}", page)
    assert "Duplicates with different labels (1)" in page
    assert "mirrored" in page


def test_a_clean_data_set_is_told_so(tree):
    assert "Nothing was found" in render_audit(Audit.of(tree))


def test_the_same_audit_gives_the_same_page(full):
    assert render_audit(full) == render_audit(full)


def test_a_page_that_cannot_be_written_is_an_error_that_names_it(full, tmp_path):
    with pytest.raises(MachineError, match="nowhere"):
        write_audit(full, tmp_path / "nowhere" / "audit.html")
    assert write_audit(full, tmp_path / "audit.html").read_text(encoding="utf-8").startswith("<!")


def test_class_names_that_differ_in_the_middle_are_told_apart(tree):  # R25
    names = [f"photographed_in_{word}_from_very_far_above_ground" for word in ("may", "june")]
    for split in ("train", "val"):
        for old, new in zip(("cat", "dog"), names, strict=True):
            (tree / split / old).rename(tree / split / new)
    page = render_audit(Audit.of(tree))
    first, second = (set(re.findall(rf'title="{name}">([^<]*)<', page)) for name in names)
    assert first
    assert second
    assert not first & second
