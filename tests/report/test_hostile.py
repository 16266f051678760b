"""S7: no markup from data reaches the report (payloads of the H rows, in every slot)."""

from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from imgclass.data.manifest import Manifest
from imgclass.diagnosis.diagnosis import Diagnosis, Finding, Recommendation
from imgclass.evaluation import Evaluation
from imgclass.formatting import visible
from imgclass.report import render_html
from imgclass.report.charts import Chart

pytestmark = pytest.mark.thorough

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</pre></code><b>",
    "</td></tr></table><h1>",
    "</section></main></body></html>",
    "<!-- ",
    "--><b>",
    "<![CDATA[",
    "]]>",
    "<?php echo 1 ?>",
    "<!DOCTYPE html>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example>",
    "<iframe srcdoc='<b>'>",
    "<form action=//evil.example><input name=q>",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "` onmouseover=`alert(1)",
    '" style="background:url(//evil.example)',
    'x" autofocus onfocus=alert(1) tabindex=0 y="',
    "{{7*7}}",
    "{% for x in y %}",
    "{# comment #}",
    "${7*7}",
    "<%= 7*7 %>",
    "#{7*7}",
    "$\\frac{1}{0}$",
    "&lt;script&gt;",
    "&#x3c;script&#x3e;",
    "&#60;b&#62;",
    "&amp;lt;",
    "&#x;",
    "&",
    "<",
    ">",
    '"',
    "'",
    "\u2028alert(1)",
    "\u2029",
    "\u202egpj.exe",
    "\u2066a\u2069b",
    "nul\x00byte",
    "\x1b[31mred\x1b[0m",
    "line\r\nbreak\ttab",
    "\udc80 surrogate \ud800",
    "\ufeff\u200b\u00ad",
    "x" * 10_000,
    "<b>" * 3_000,
    "../../../etc/passwd",
    "a#b?c%2e%2e%2f",
    "C:\\Users\\x\\..\\y",
    "\ufffe\uffff\U0010ffff",
    "+ADw-script+AD4-",
    "\xbcscript\xbe",
    "\uff21\uff1cscript\uff1e",
    "=cmd|'/c calc'!A1",
    "a\u0301" * 60,
)


class Skeleton(HTMLParser):
    """Every tag with its attributes, and the values of those that do more than say something."""

    SAYING = frozenset({"title", "alt"})

    def __init__(self):
        super().__init__()
        self.parts = Counter()

    def handle_starttag(self, tag, attrs):
        acting = tuple((k, None if k in self.SAYING else v) for k, v in attrs)
        self.parts["start", tag, acting] += 1

    def handle_endtag(self, tag):
        self.parts["end", tag] += 1

    def handle_comment(self, data):
        self.parts["comment", data] += 1

    def handle_decl(self, decl):
        self.parts["declaration", decl] += 1

    def handle_pi(self, data):
        self.parts["instruction", data] += 1

    def unknown_decl(self, data):
        self.parts["unknown", data] += 1


def skeleton(page):
    parser = Skeleton()
    parser.feed(page)
    parser.close()
    return parser.parts


def in_class_names(run, text):
    names = dict(
        zip(run.manifest.class_names, (f"{text} class {i}" for i in range(3)), strict=True)
    )

    def rename(score):
        return replace(score, class_names=tuple(names.values()))

    seen = run.evaluation
    samples = tuple(replace(s, label=names[s.label]) for s in run.manifest.samples)
    return replace(
        run,
        manifest=Manifest(tuple(names.values()), samples),
        kept_evaluation=Evaluation(
            train=rename(seen.train),
            val=rename(seen.val),
            test=rename(seen.test),
            predictions=seen.predictions.astype(object).replace(
                {"label": names, "predicted": names}
            ),
        ),
    )


def in_file_names(run, text):
    table = run.evaluation.predictions
    paths = [f"{text}{i}.png" for i in range(len(table))]
    table = table.assign(path=pd.Series(paths, dtype=object))  # also what is no UTF-8
    return replace(run, kept_evaluation=replace(run.evaluation, predictions=table))


def in_record(run, **changes):
    return replace(run, record=replace(run.record, **changes))


def in_finding(run, **texts):
    finding = replace(run.diagnosis.verdict, **texts)
    return replace(
        run, kept_diagnosis=Diagnosis(0.95, 0.02, (finding, *run.diagnosis.findings[1:]))
    )


def in_recommendation(run, **texts):
    recommendation = replace(run.diagnosis.verdict.recommendations[0], **texts)
    return in_finding(run, recommendations=(recommendation,))


def in_experiment(run, change):
    """Change the experiment that was run and, alike, those that are recommended."""

    def changed(item: Finding) -> Finding:
        parts = tuple(replace(r, experiment=change(r.experiment)) for r in item.recommendations)
        return replace(item, recommendations=parts)

    findings = tuple(map(changed, run.diagnosis.findings))
    return replace(
        run,
        experiment=change(run.experiment),
        kept_diagnosis=replace(run.diagnosis, findings=findings),
    )


SLOTS = {
    "class names": in_class_names,
    "file names": in_file_names,
    "run name": lambda run, text: replace(run, path=Path("runs") / f"r{text}"),
    "data folder": lambda run, text: in_record(run, data=f"data/d{text}"),
    "environment": lambda run, text: in_record(run, environment={f"k{text}": text}),
    "finding name": lambda run, text: in_finding(run, name=text),
    "explanation": lambda run, text: in_finding(run, explanation=text),
    "advice": lambda run, text: in_finding(run, advice=(text,)),
    "changes": lambda run, text: in_recommendation(run, changes=(text,)),
    "reason": lambda run, text: in_recommendation(run, reason=text),
    "architecture": lambda run, text: in_experiment(run, lambda e: replace(e, architecture=text)),
    "weights": lambda run, text: in_experiment(
        run, lambda e: replace(e, spec=replace(e.spec, weights=text))
    ),
}


@pytest.fixture(scope="module")
def small_run(tmp_path_factory, simulated_run):
    return simulated_run(
        tmp_path_factory.mktemp("hostile"),
        class_names=("cat", "deer", "dog"),
        each={"train": 4, "val": 6, "test": 3},
        accuracy=(0.7, 0.5, 0.5),
        epochs=2,
    )


@pytest.fixture(scope="module", autouse=True)
def undrawn():
    """Charts take most of the time and are given no text from data; no run is on the disk."""
    chart = Chart("Loss", "data:image/png;base64,", "data:image/png;base64,", "Loss by epoch.")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("imgclass.report.html.learning_curves", lambda *_: (chart, chart))
        patch.setattr("imgclass.report.trust.read_looks", lambda _: ())
        yield


def filled(run, text):
    """The run with `text` in every slot at once."""
    for put in SLOTS.values():
        run = put(run, text)
    return run


@pytest.fixture(scope="module")
def harmless(small_run, undrawn):
    del undrawn
    return skeleton(render_html(filled(small_run, "plain")))


@pytest.mark.parametrize("payload", PAYLOADS, ids=[f"H{i:02}" for i in range(len(PAYLOADS))])
def test_data_in_every_slot_adds_no_tag_and_no_attribute(small_run, harmless, payload):
    page = render_html(filled(small_run, payload))
    assert skeleton(page) == harmless
    assert visible(page.replace("\n", "")) == page.replace("\n", "")
    assert page.encode()


@pytest.mark.parametrize("slot", SLOTS)
def test_every_slot_is_on_the_page(small_run, slot):
    assert "anary" in render_html(SLOTS[slot](small_run, "canary"))


def test_a_name_that_was_cut_is_whole_in_its_title(small_run):
    name = "x" * 500
    assert f'title="{name} class 0"' in render_html(in_class_names(small_run, name))


def test_many_recommendations_are_all_listed(small_run):
    verdict = small_run.diagnosis.verdict
    experiment = verdict.recommendations[0].experiment
    many = tuple(
        Recommendation((f"change {i}",), "Why not.", replace(experiment, architecture=f"net-{i}"))
        for i in range(5)
    )
    page = render_html(in_finding(small_run, recommendations=many))
    assert all(f"change {i}" in page for i in range(5))
