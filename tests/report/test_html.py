import re
import stat
from dataclasses import replace
from functools import cache
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

from imgclass.diagnosis.diagnosis import Diagnosis, Finding
from imgclass.errors import MachineError
from imgclass.evaluation.mistakes import surest_mistakes
from imgclass.report import render_html, write_report
from imgclass.report.beside import Ancestor, Beside, KnownCurve
from imgclass.report.charts import Chart, learning_curves
from imgclass.report.mistakes import PICTURED
from imgclass.report.templates import policy_for
from imgclass.run.directory import RunDirectory
from imgclass.run.heat_maps_file import HeatMap, HeatMaps
from imgclass.run.record import Resumption


@pytest.fixture(scope="module", autouse=True)
def drawn_once():
    """Charts take most of the time and are a function of the history."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("imgclass.report.html.learning_curves", cache(learning_curves))
        yield


class Words(HTMLParser):
    """The text of a page, headings apart."""

    def __init__(self):
        super().__init__()
        self.headings, self.texts, self.open = [], [], []

    def handle_starttag(self, tag, attrs):
        del attrs
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if self.open and self.open[-1] in {"h1", "h2"}:
            self.headings.append(data)
        elif not {"style", "script"} & set(self.open):
            self.texts.append(data)


def words_of(page):
    parser = Words()
    parser.feed(page)
    parser.text = " ".join(" ".join(parser.texts).split())
    return parser


def policy_of(page):
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    return unescape(found[1])


def wrong(run):
    return run.evaluation.val.n - run.evaluation.val.correct


GOOD = Diagnosis(0.95, 0.02, (Finding("good_enough", 0.0, "All is well.", ("Keep it.",)),))


def test_the_page_answers_in_the_order_of_a_readers_questions(run):
    page = words_of(render_html(run))
    assert page.headings == [
        f"{100 * run.evaluation.test.accuracy:.1f} % of the test images are right",
        "Can I trust the number?",
        "What does it get wrong, and why?",
        "What next?",
        "How was it made?",
    ]
    assert page.text.index("How good is it?") < page.text.index("High variance Train accuracy")


def test_without_a_test_split_the_first_figure_is_that_of_val(make_run):
    run = make_run(each={"train": 20, "val": 10})
    assert "of the val images are right" in words_of(render_html(run)).headings[0]


def test_each_bin_of_probabilities_is_a_dot_in_a_diagram(run):
    calibration = run.evaluation.calibration()
    page = render_html(run)
    assert page.count("<circle") == len(calibration.bins) == 5
    assert f"error is {100 * calibration.ece:.1f} points" in words_of(page).text
    assert "A temperature" not in page


def test_the_temperature_that_suits_val_is_said_where_it_is_known(run):
    n, classes = run.evaluation.val.n, len(run.class_names)
    rows = np.full((n, classes), 1 / classes, np.float32)
    evaluation = replace(run.evaluation, probabilities={"val": rows})
    page = render_html(replace(run, kept_evaluation=evaluation))
    assert "A temperature of" in words_of(page).text


def test_the_advice_says_what_changes_from_what_to_what_and_how_to_run_it(run):
    text = words_of(render_html(run)).text
    assert "dropout 0 0.3" in text
    assert (
        "imgclass train animals --image-size 32 --depth 3 --width 64 --dropout 0.3 --l2 0.0005 "
        "--epochs 12 --batch-size 256 --learning-rate 0.002 --augment medium"
    ) in text


def test_advice_that_no_option_expresses_is_given_as_python(run):
    text = words_of(render_html(run)).text
    assert "from imgclass import Augmentation, Experiment, ModelSpec, TrainingConfig, run_" in text
    assert "patience=5" in text


def test_a_run_that_is_good_enough_recommends_nothing(make_run):
    page = words_of(render_html(make_run(diagnosis=GOOD)))
    assert "Good enough" in page.text
    assert "No change is recommended." in page.text
    assert "Also seen" not in page.text


def test_a_gap_is_shown_with_its_interval_and_a_target_that_is_passed_has_none(run):
    gap = run.diagnosis.verdict.gap
    assert gap is not None
    low, high = (100 * end for end in gap.interval)
    said = (
        f"The gap is {100 * gap.value:.1f} points; its 95\xa0% interval is {low:.1f} to {high:.1f}"
    )
    assert said.replace("\xa0", " ") in words_of(render_html(run)).text
    passed = replace(run.diagnosis.verdict, gap=replace(gap, value=-0.05))
    page = render_html(replace(run, kept_diagnosis=Diagnosis(0.95, 0.02, (passed,))))
    assert "The gap is" not in page


def test_every_split_has_its_accuracy_with_its_interval(run):
    text = words_of(render_html(run)).text
    for split, score in run.evaluation.scores.items():
        low, high = score.interval
        figures = f"{100 * score.accuracy:.1f} % {100 * low:.1f} to {100 * high:.1f} % {score.n:,}"
        assert f"{split} {figures}" in text


def test_a_run_is_compared_with_its_parent_image_by_image(run):
    table = run.evaluation.predictions
    table = table.assign(predicted=table["label"])
    parent = replace(
        run,
        path=run.path.parent / "<b>first",
        kept_evaluation=replace(run.evaluation, predictions=table),
    )
    page = render_html(run, parent=parent)
    assert f"0 val images better, {wrong(run)} worse of 250" in words_of(page).text
    assert "<b>first" not in page
    unscored = replace(parent, kept_evaluation=None)
    assert render_html(run, parent=unscored) == render_html(run)


def test_runs_without_a_common_image_are_not_compared(run):
    table = run.evaluation.predictions.assign(path=lambda rows: "other/" + rows["path"])
    strange = replace(run, kept_evaluation=replace(run.evaluation, predictions=table))
    assert render_html(run, parent=strange) == render_html(run)


def test_a_run_without_a_test_split_says_so(make_run):
    page = render_html(make_run(each={"train": 20, "val": 10}))
    assert "has no test split" in page
    assert "The same on test" not in page


def test_a_run_without_mistakes_says_so(make_run):
    page = render_html(make_run(accuracy=(1.0, 1.0, 1.0), diagnosis=GOOD))
    assert "every image of val was classified correctly" in page
    assert "No image was taken for another class" in page


def test_a_class_that_was_never_predicted_has_no_precision(make_run):
    run = make_run(class_names=("cat", "dog"))
    never = replace(run.evaluation.val, confusion=((0, 25), (0, 25)))
    page = render_html(replace(run, kept_evaluation=replace(run.evaluation, val=never)))
    assert "cat 25 n/a 0.0 % 0.0 %" in words_of(page).text


def test_missing_images_leave_a_note_in_their_place(run):
    page = render_html(run)
    assert page.count("The image is not there or cannot be read") == min(PICTURED, wrong(run))


def test_images_that_are_there_are_inside_the_page(run, write_images):
    write_images(run)
    page = render_html(run)
    assert "The image is not there" not in page
    assert page.count('<img class="tiny"') == min(PICTURED, wrong(run))


@pytest.mark.parametrize("classes", [1, 2, 10, 31, 130])
@pytest.mark.parametrize("epochs", [1, 40])
def test_any_number_of_classes_and_epochs_can_be_reported(make_run, classes, epochs):
    names = tuple(f"class {i:03}" for i in range(classes))
    page = render_html(
        make_run(class_names=names, each={"train": 4, "val": 3, "test": 3}, epochs=epochs)
    )
    assert page.rstrip().endswith("</html>")
    assert page.count('<th scope="col"><span') == 2 * min(classes, 100)


def test_settings_that_differ_from_the_defaults_are_marked(run):
    changed = re.findall(r'<tr class="changed"><th scope="row"><code>(\w+)', render_html(run))
    assert changed == ["image_size", "depth", "width", "epochs", "batch_size", "learning_rate"]


def test_settings_that_changed_on_the_way_say_when(run):
    changes = {"training.learning_rate": ("0.16", "0.016")}
    record = replace(run.record, resumptions=(Resumption(3, "not finite", changes),))
    page = words_of(render_html(replace(run, record=record))).text
    assert "After 3 epochs the training went on with training.learning_rate 0.016" in page
    assert "After 3 epochs" not in words_of(render_html(run)).text


def test_the_images_of_every_class_are_counted_by_split(run):
    text = words_of(render_html(run)).text
    assert "airplane 60 25 25 automobile 60 25 25" in text
    assert "All 600 250 250" in text


def test_the_same_run_gives_the_same_page(run, make_run):
    assert render_html(run) == render_html(make_run())


def test_the_page_needs_nothing_but_itself(run, write_images):
    write_images(run)
    page = render_html(run)
    script, policy = re.findall(r"<script>(.*?)</script>", page, re.DOTALL), policy_of(page)
    assert policy == policy_for(script[0])
    assert "script-src 'sha256-" in policy
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'; ")
    outside = page.replace('http-equiv="', "").replace(f"<script>{script[0]}</script>", "")
    assert not re.search(r"http|<script|<link|<iframe|url\(|@import|\son\w+=|javascript:", outside)
    assert not re.search(r"fetch|XMLHttp|import\(|eval\(|innerHTML|location|http", script[0])
    assert all(source.startswith("data:") for source in re.findall(r'src(?:set)?="([^"]*)', page))


def test_the_way_to_the_data_and_to_the_run_is_nobodys_business(run, write_images):
    write_images(run)
    page = render_html(run)
    assert str(run.path.parent) not in page
    assert str(run.data.parent) not in page


def test_every_picture_has_words_and_every_heading_cell_a_scope(run, write_images):
    write_images(run)
    page = render_html(run)
    assert all('alt="' in tag for tag in re.findall(r"<img[^>]*>", page))
    assert all('scope="' in tag for tag in re.findall(r"<th\b[^>]*>", page))


def test_a_report_is_written_into_its_run(run):
    run.path.mkdir()
    assert write_report(run) == run.path / "report.html"
    assert (run.path / "report.html").read_text(encoding="utf-8") == render_html(run)


def test_a_report_replaces_the_one_before_and_leaves_nothing_else(run, tmp_path):
    target = tmp_path / "out" / "a.html"
    target.parent.mkdir()
    target.write_text("old")
    write_report(run, target)
    assert [file.name for file in target.parent.iterdir()] == ["a.html"]
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_report_can_be_read_by_whom_the_umask_lets(run, tmp_path):
    file = write_report(run, tmp_path / "a.html")
    (tmp_path / "plain").touch()
    plain = stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert stat.S_IMODE(file.stat().st_mode) == plain


def test_a_report_that_cannot_be_written_leaves_the_old_one(run, tmp_path, monkeypatch):
    target = tmp_path / "a.html"
    target.write_text("old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(MachineError, match=r"a\.html could not be written: No space"):
        write_report(run, target)
    assert [file.name for file in tmp_path.iterdir()] == ["a.html"]
    assert target.read_text() == "old"


@pytest.mark.parametrize("target", ["nowhere/a.html", "file/a.html", "folder"])
def test_a_place_that_cannot_be_written_is_named(run, tmp_path, target):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(MachineError, match=target):
        write_report(run, tmp_path / target)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_run_that_ended_early_says_so_and_has_a_page(run, epochs):
    broken = replace(run.history.epochs[0], loss=float("nan"), val_accuracy=float("nan"))
    record = replace(run.record, status="failed", stage="training")
    history = replace(run.history, epochs=(broken,)[:epochs], best_epoch=None)
    page = words_of(render_html(replace(run, record=record, history=history))).text
    assert "The run cnn-first failed while training" in page


def test_class_names_that_differ_in_the_middle_are_told_apart_in_every_table(make_run):  # R25
    names = [f"photographed_in_{word}_from_very_far_above_ground" for word in ("may", "june")]
    shown = {
        (title, text)
        for title, text in re.findall(
            r'<span class="name" title="([^"]*)">([^<]*)</span>',
            render_html(make_run(class_names=names)),
        )
        if title in names
    }
    assert {title for title, _ in shown} == set(names)
    assert not {text for title, text in shown if title == names[0]} & {
        text for title, text in shown if title == names[1]
    }


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"\x89PNG" + bytes(2**20)])
def test_a_file_that_is_no_picture_of_the_search_for_a_rate_is_left_out(
    small_run, tmp_path, content
):
    (tmp_path / "learning_rate.png").write_bytes(content)
    page = render_html(replace(small_run, path=tmp_path))
    assert 'id="rate"' not in page


def test_the_picture_of_the_search_for_a_rate_is_shown(small_run, tmp_path):
    (tmp_path / "learning_rate.png").write_bytes(b"\x89PNG...")
    page = render_html(replace(small_run, path=tmp_path))
    assert 'src="data:image/png;base64,iVBORy4uLg=="' in page


def test_what_was_chosen_for_a_run_is_shown_where_anything_was(run):
    sentence = "Architecture cnn: the training images have a median of 32 x 32 pixels."
    told = replace(run, record=replace(run.record, choices=(sentence, "<b>bold</b>")))
    page = render_html(told)
    assert "What was chosen</h3>" in page
    assert sentence in page
    assert "<b>bold</b>" not in page
    assert "What was chosen" not in render_html(run)


def test_a_learning_curve_of_the_data_is_shown_where_one_is_known(run):
    chart = Chart("Val accuracy", "data:image/png;base64,AA==", "data:image/png;base64,AB==", "up")
    curve = KnownCurve(chart, ("Twice the images bring <b>much</b>.",))
    page = render_html(run, beside=Beside(curve))
    assert "Twice the images bring &lt;b&gt;much&lt;/b&gt;." in page
    assert 'src="data:image/png;base64,AA=="' in page
    assert "answers that" in words_of(render_html(run)).text
    assert "answers that" not in words_of(page).text


def test_the_runs_that_led_to_it_are_listed_first_to_last(run):
    lineage = (Ancestor("00", "", 0.6, "start"), Ancestor("<b>01", "depth 3 to 4", None, "kept"))
    text = words_of(render_html(run, beside=Beside(lineage=lineage))).text
    assert "00 \N{EN DASH} 60.0 % start <b>01 depth 3 to 4 n/a kept" in text


def test_heat_maps_of_a_run_stand_beside_its_mistakes(run, write_images):
    write_images(run)
    run.path.mkdir()
    path, label, predicted = (
        surest_mistakes(run.evaluation.predictions, "val")[name].iloc[0]
        for name in ("path", "label", "predicted")
    )
    heat = HeatMap(path, label, predicted, ((0, 255),))
    RunDirectory(run.path, run.record).keep_heat_maps(HeatMaps(1, (heat,)))
    page = render_html(run)
    assert page.count(f"orange is what spoke for {predicted}") == 1
    assert "Orange are the parts of the image" in page
