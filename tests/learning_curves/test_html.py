import re
from html.parser import HTMLParser

import pytest

from imgclass.learning_curves import CurvePoint, LearningCurve
from imgclass.learning_curves.html import known_curve, render_curve

CURVE = LearningCurve(
    [CurvePoint(n, right, 1000) for n, right in ((250, 700), (500, 777), (1000, 830), (2000, 868))],
    guess=0.1,
    finding="high_variance",
)


@pytest.fixture(scope="module")
def page():
    return render_curve(CURVE, "birds")


def test_the_page_says_whether_more_images_help_and_what_they_bring(page):
    assert "More images are worth gathering</h1>" in page
    assert all(sentence in page for sentence in CURVE.sentences)
    assert "with 4,000 images" in page


def test_the_page_lists_each_training(page):
    rows = re.findall(r'<th scope="row" class="number">([\d,]+)</th>', page)
    assert rows == ["250", "500", "1,000", "2,000"]


def test_a_curve_of_too_few_points_has_a_page_without_a_forecast():
    page = render_curve(LearningCurve([CurvePoint(500, 300, 1000)], guess=0.1), "birds")
    assert "Too little is known for a forecast" in page
    assert "n/a" in page


def test_a_hostile_name_is_text():
    names = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            del attrs
            names.append(tag)

    Reader().feed(render_curve(CURVE, "<b>bold</b><script>"))
    assert "b" not in names
    assert names.count("script") == 1


def test_a_report_gets_the_curve_for_light_and_for_dark_pages():
    known = known_curve(CURVE)
    assert known.sentences == CURVE.sentences
    assert known.chart.light != known.chart.dark
    assert "0.700 with 250, 0.868 with 2,000" in known.chart.alt
