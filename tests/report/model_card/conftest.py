from dataclasses import replace

import pytest

HOSTILE = (
    '"\n---\nlicense: mit',
    "<script>alert(1)</script>",
    "[a](http://x.y) | b",
    "`__www.x.y__`",
    "\u202egpj.exe",
    "# 1\r\n- 2",
    "a" * 300,
)


@pytest.fixture
def with_names(small_run):
    """Give the classes of a run other names, two or more; only the first two have images."""

    def named(*names):
        old = small_run.class_names
        other = dict(zip(old, names, strict=False))
        more = len(names) - len(old)

        def score(known):
            rows = [(*row, *[0] * more) for row in known.confusion]
            rows += [(0,) * len(names)] * more
            return replace(known, class_names=names, confusion=tuple(rows))

        kept = small_run.kept_evaluation
        predictions = kept.predictions.replace({"label": other, "predicted": other})
        evaluation = replace(
            kept,
            train=score(kept.train),
            val=score(kept.val),
            test=score(kept.test),
            predictions=predictions,
            probabilities={},
        )
        samples = tuple(replace(s, label=other[s.label]) for s in small_run.manifest.samples)
        return replace(
            small_run,
            record=replace(small_run.record, class_names=names),
            manifest=replace(small_run.manifest, class_names=names, samples=samples),
            kept_evaluation=evaluation,
        )

    return named


@pytest.fixture
def hostile(with_names, tmp_path):
    """A run whose classes and whose directory have names that would be markup."""
    return replace(with_names(*HOSTILE), path=tmp_path / 'a"\n---\n[b](c)')
