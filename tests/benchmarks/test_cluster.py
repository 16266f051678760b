"""What ten nodes would give follows from the stated formulas."""


def test_short_fits_share_the_nodes_and_the_whole_fit_comes_after_them(benchmark):
    overhead = benchmark("cluster").Overhead(2, connecting=9.0, placing=2.0, beginning=8.0)
    assert overhead.step(60.0, 240.0, nodes=10) == 2 + (8 + 60) + 2 + (8 + 240)
    assert overhead.step(60.0, 240.0, nodes=2) == 2 + 2 * (8 + 60) + 2 + (8 + 240)


def test_many_trainings_come_in_rounds_of_as_many_as_there_are_nodes(benchmark):
    overhead = benchmark("cluster").Overhead(2, connecting=9.0, placing=2.0, beginning=8.0)
    assert overhead.many(12.0, nodes=10) == 2 + 30 * (8 + 12)
    assert overhead.many(12.0, nodes=7) == 2 + 43 * (8 + 12)
