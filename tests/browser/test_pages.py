"""Every page as people meet it: wide, on a telephone, in the dark, by keyboard, on paper."""

import pytest

pytestmark = pytest.mark.thorough

SMALL = (
    "report",
    "hostile-report",
    "audit",
    "compare",
    "improve",
    "learning-curve",
    "label-errors",
)
MODES = ("wide", "narrow", "dark")

TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest(".scroll, pre"))
    .map((e) => e.outerHTML.slice(0, 120)).slice(0, 5).concat("the page");
}"""
# What the keyboard should reach: it acts, and it is seen.
ACTING = """() => [...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")]
  .filter((e) => e.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true }))
  .map((e, i) => { e.dataset.acting = i; return i; })"""
FOCUSED = "() => Number(document.activeElement?.dataset.acting ?? -1)"
FOLDED = """() => [...document.querySelectorAll("details > :not(summary, .more)")]
  .filter((e) => e.getBoundingClientRect().height === 0)
  .map((e) => e.outerHTML.slice(0, 120))"""
CUT_OFF = """() => [...document.querySelectorAll(".scroll")]
  .filter((e) => getComputedStyle(e).overflowY !== "visible" || e.scrollHeight > e.clientHeight + 1)
  .map((e) => e.ariaLabel)"""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SMALL)
def test_no_page_is_wider_than_its_window(open_page, name, mode):
    assert open_page(name, mode).page.evaluate(TOO_WIDE) == []


def test_a_report_of_a_thousand_classes_is_no_wider_than_a_telephone(open_page):
    assert open_page("large-report", "narrow").page.evaluate(TOO_WIDE) == []


# The colours of light pages are those of narrow ones.
@pytest.mark.parametrize("mode", ["narrow", "dark"])
@pytest.mark.parametrize("name", SMALL)
def test_no_finding_of_axe_is_serious(open_page, name, mode):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(open_page(name, mode).page).response["violations"]
    serious = [
        (each["id"], node["target"], node["failureSummary"])
        for each in found
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"][:3]
    ]
    assert serious == []


@pytest.mark.parametrize("name", [*SMALL, "large-report"])
def test_a_page_asks_for_nothing_and_no_markup_of_names_acts(open_page, name):
    opened = open_page(name)
    assert opened.offences == []
    strangers = "main script, main b, main iframe, main img:not([src^='data:'])"
    assert opened.page.locator(strangers).count() == 0


def test_hostile_names_are_shown_as_text(open_page):
    text = open_page("hostile-report").page.locator("#wrong").locator("..").inner_text()
    assert '<script>alert("script")</script>' in text
    assert "\\u202e" in text
    assert "49" not in text.split()


@pytest.mark.parametrize("name", ["report", "compare", "label-errors"])
def test_the_keyboard_reaches_everything_that_acts(open_page, name):
    page = open_page(name, fresh=True).page
    acting = set(page.evaluate(ACTING))
    reached = set()
    for _ in range(len(acting) + 5):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(FOCUSED))
    assert acting
    assert acting <= reached
    page.context.close()


@pytest.mark.parametrize("name", SMALL)
def test_paper_shows_what_is_folded_and_what_scrolls(open_page, name):
    page = open_page(name, fresh=True).page
    page.emulate_media(media="print")
    assert page.evaluate(FOLDED) == []
    assert page.evaluate(CUT_OFF) == []
    assert page.locator("button.more:visible, nav:visible, input:visible").count() == 0
    page.context.close()


def test_without_a_script_everything_is_there_and_nothing_is_offered(open_page):
    page = open_page("report", fresh=True, java_script_enabled=False).page
    assert page.locator(".gallery > li:visible").count() == 45
    assert page.locator("button:visible, input:visible").count() == 0
    page.context.close()


def test_a_column_is_sorted_by_its_numbers_and_once_more_the_other_way(open_page):
    page = open_page("report", fresh=True).page
    table = page.locator("h3#classes ~ .scroll table").first
    recall = table.get_by_role("button", name="Recall")

    def shown():
        cells = table.locator("tbody tr td:nth-child(4)").all_inner_texts()
        return [float(cell.removesuffix(" %")) for cell in cells]

    recall.click()
    assert shown() == sorted(shown(), reverse=True)
    assert table.locator("th[aria-sort=descending]").inner_text() == "Recall"
    recall.press("Enter")
    assert shown() == sorted(shown())
    table.get_by_role("button", name="Class").click()
    assert table.locator("tbody th").first.inner_text() == "airplane"
    page.context.close()


def test_a_filter_leaves_what_is_of_the_class(open_page):
    page = open_page("report", fresh=True).page
    field = page.get_by_label("Only classes whose names have")
    field.fill("Frog")
    for text in page.locator(".gallery > li:visible").all_inner_texts():
        assert "frog" in text
    assert page.locator("h3#classes ~ .scroll").first.locator("tbody tr:visible").count() == 1
    field.fill("no such class")
    assert page.locator(".gallery > li:visible").count() == 0
    assert page.get_by_role("status").inner_text() == "No class has such a name."
    field.fill("")
    assert page.locator(".gallery > li:visible").count() == 24
    page.context.close()


def test_more_is_shown_on_demand(open_page):
    page = open_page("report", fresh=True).page
    more = page.locator(".gallery + button.more")
    assert more.inner_text() == "Show 21 more of 45"
    more.click()
    assert page.locator(".gallery > li:visible").count() == 45
    assert not more.is_visible()
    page.context.close()


def test_a_thousand_classes_and_ten_thousand_mistakes_are_less_than_15_megabytes(page_files):
    assert page_files("large-report").stat().st_size < 15 * 10**6


def test_a_thousand_classes_and_ten_thousand_mistakes_are_usable(open_page):
    page = open_page("large-report").page
    table = page.locator("#mistakes ~ details table").first
    page.locator("summary", has_text="10,000 mistakes").click()
    assert table.locator("tbody tr:visible").count() == 100
    page.get_by_label("Only classes whose names have").fill("n0777")
    assert 0 < table.locator("tbody tr:visible").count() <= 100
    assert all("n0777" in text for text in table.locator("tbody tr:visible").all_inner_texts())
