from imgclass.serving.bulk import PlainTable, format_rows


def rows_of(table, *predictions):
    return [",".join(row) for row in map(table.rows(0), predictions)]


def test_a_row_names_the_best_classes_with_their_probabilities(predicted):
    table = PlainTable(["1.jpg"], top=2)
    assert ",".join(table.header) == "path,predicted,probability,predicted_2,probability_2,error"
    assert rows_of(table, predicted("1.jpg", 0.75)) == ["1.jpg,dog,0.75,cat,0.25,"]


def test_the_header_is_that_of_a_table_of_predictions(predicted):
    from imgclass.serving import Predictions

    frame = Predictions((predicted("1.jpg", 0.75),)).to_frame(top=2)
    assert tuple(frame.columns) == PlainTable((), top=2).header


def test_an_image_that_cannot_be_read_has_its_reason_in_the_row(predicted):
    table = PlainTable(["1.jpg"], top=1, threshold=0.5)
    assert rows_of(table, predicted("1.jpg", None)) == ["1.jpg,,,,1.jpg is damaged."]


def test_with_a_threshold_the_decision_is_the_class_or_unsure(predicted):
    table = PlainTable(["1.jpg", "2.jpg"], top=1, threshold=0.75)
    assert rows_of(table, predicted("1.jpg", 0.75), predicted("2.jpg", 0.5)) == [
        "1.jpg,dog,dog,0.75,",
        "2.jpg,unsure,cat,0.5,",
    ]


def test_names_keep_their_bytes_and_are_quoted_where_csv_needs_it():
    assert format_rows([("a\udcff.png", "b,c")]) == b'a\xff.png,"b,c"\n'
    assert format_rows([("a\rb",)]) == b'"a\rb"\n'
