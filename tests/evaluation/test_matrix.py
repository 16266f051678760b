import pytest
from matplotlib.figure import Figure

from imgclass.evaluation import Score
from imgclass.evaluation.matrix import draw, most_confused, shown_matrix


def score(*confusion):
    names = tuple(f"class {i}" for i in range(len(confusion)))
    return Score(class_names=names, confusion=confusion, loss=0.5)


def test_every_image_of_a_matrix_that_is_shown_whole_is_counted_once():
    whole = score((5, 1, 0), (2, 7, 1), (0, 0, 9))
    assert sum(cell.images for row in shown_matrix(whole).rows for cell in row) == whole.n


def test_a_class_without_images_has_shares_of_zero():
    assert [cell.share for cell in shown_matrix(score((0, 0), (1, 3))).rows[0]] == [0.0, 0.0]


def test_the_most_confused_classes_are_kept_in_their_order_where_there_are_too_many():
    matrix = shown_matrix(score((9, 0, 0, 1), (0, 9, 0, 0), (0, 0, 9, 2), (0, 0, 0, 9)), largest=2)
    assert matrix.class_names == ("class 2", "class 3")
    assert [[cell.images for cell in row] for row in matrix.rows] == [[9, 2], [0, 9]]
    assert matrix.total == 4


def test_shares_of_a_cut_matrix_are_still_of_the_whole_class():
    matrix = shown_matrix(score((5, 5, 10), (5, 15, 0), (0, 0, 20)), largest=2)
    assert matrix.rows[0][0].share == pytest.approx(0.25)


def test_pairs_are_directed_and_the_most_frequent_comes_first():
    pairs = most_confused(score((5, 2, 0), (4, 6, 1), (0, 0, 9)), most=2)
    assert [(p.label, p.predicted, p.cell.images) for p in pairs] == [
        ("class 1", "class 0", 4),
        ("class 0", "class 1", 2),
    ]


def test_a_model_without_mistakes_has_no_confused_pairs():
    assert most_confused(score((5, 0), (0, 5)), most=8) == ()


@pytest.mark.parametrize(
    ("classes", "density"), [(2, "numbered"), (20, "numbered crowded"), (100, "dense")]
)
def test_cells_shrink_as_classes_become_more(classes, density):
    rows = tuple(tuple(int(i == j) for j in range(classes)) for i in range(classes))
    assert shown_matrix(score(*rows)).density == density


@pytest.mark.parametrize(("names", "is_short"), [(("0", "10"), True), (("0", "cat"), False)])
def test_names_are_turned_unless_all_of_them_are_short(names, is_short):
    matrix = shown_matrix(Score(class_names=names, confusion=((1, 0), (0, 1)), loss=0.1))
    assert matrix.has_short_names is is_short


def test_a_drawn_matrix_has_a_number_in_each_cell_with_images():
    ax = Figure().add_subplot()
    assert draw(score((5, 1), (0, 9)), ax=ax) is ax
    assert sorted(text.get_text() for text in ax.texts) == ["1", "5", "9"]


def test_of_many_classes_those_with_the_most_mistakes_are_drawn():
    rows = [[0] * 40 for _ in range(40)]
    for i in range(40):
        rows[i][(i + (i < 30)) % 40] = 1
    ax = draw(score(*map(tuple, rows)), ax=Figure().add_subplot())
    assert "of 40 classes" in ax.get_title()
    assert len(ax.get_xticks()) == 30


def test_a_dollar_sign_in_a_class_name_is_no_formula():
    names = ("$a$", r"$\\broken")
    figure = Figure()
    ax = draw(Score(names, ((1, 0), (1, 1)), 0.1), ax=figure.add_subplot())
    figure.draw_without_rendering()
    assert [label.get_text() for label in ax.get_yticklabels()] == list(names)
