from dataclasses import replace

from imgclass.improvement.chart import HEIGHT, draw_lineage


def test_each_scored_step_is_drawn_higher_the_better_it_is(lineage):
    chart = draw_lineage(lineage)
    start, kept, rejected = chart.marks
    assert start.x < kept.x < rejected.x
    assert start.y > kept.y == rejected.y
    assert kept.origin == (start.x, start.y)
    assert rejected.origin == (kept.x, kept.y)


def test_everything_lies_within_the_picture(lineage):
    chart = draw_lineage(lineage)
    places = [y for mark in chart.marks for y in (mark.y, mark.low, mark.high)]
    assert all(0 < y < HEIGHT for y in (*places, *(y for _, y in chart.ticks)))
    assert chart.marks[-1].x < chart.width


def test_a_step_without_a_score_is_left_out(lineage):
    failed = replace(lineage.steps[1], verdict="failed", val_accuracy=None, val_interval=None)
    chart = draw_lineage(lineage.with_step(failed))
    assert [mark.step.run for mark in chart.marks] == ["00", "02"]
    assert chart.marks[1].origin is None


def test_before_anything_is_scored_there_is_no_picture(lineage):
    assert draw_lineage(replace(lineage, steps=())) is None


def test_the_target_is_drawn_where_it_is_in_sight(lineage):
    assert draw_lineage(lineage).target is None
    assert draw_lineage(replace(lineage, target_accuracy=0.88)).target is not None
