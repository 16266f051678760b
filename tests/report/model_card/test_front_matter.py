import pytest

from imgclass.report.model_card.front_matter import front_matter, quoted

yaml = pytest.importorskip("yaml")


def parsed(run, *, licence="", dataset=""):
    block = front_matter(run, licence=licence, dataset=dataset)
    first, body, last = block[:4], block[4:-3], block[-3:]
    assert (first, last) == ("---\n", "---")
    return yaml.safe_load(body)


def test_the_results_of_val_and_test_are_an_index_as_the_hub_reads_it(small_run):
    block = parsed(small_run, licence="apache-2.0", dataset="you/ants")
    assert {key: block[key] for key in ("license", "library_name", "datasets", "metrics")} == {
        "license": "apache-2.0",
        "library_name": "keras",
        "datasets": ["you/ants"],
        "metrics": ["accuracy"],
    }
    [model] = block["model-index"]
    assert [result["dataset"]["split"] for result in model["results"]] == ["validation", "test"]
    for result in model["results"]:
        assert result["task"]["type"] == "image-classification"
        [metric] = result["metrics"]
        assert (metric["type"], metric["value"]) == ("accuracy", 0.8)
        assert metric["name"] == "Accuracy (95 % interval 75.8 to 83.6 %, 400 images)"


def test_a_licence_that_nobody_named_is_unknown_and_one_of_ones_own_has_a_name(small_run):
    assert parsed(small_run)["license"] == "unknown"
    assert "datasets" not in parsed(small_run)
    own = parsed(small_run, licence="For our hospital only")
    assert (own["license"], own["license_name"]) == ("other", "For our hospital only")


def test_no_name_ends_the_block(hostile):
    block = parsed(hostile, licence="no", dataset='"\u2028: - {')
    assert block["license"] == "no"
    assert block["model-index"][0]["name"] == 'a"\\n---\\n[b](c)'


@pytest.mark.parametrize("text", ['"', "\\", "\x7f\x85", "\ufffe\U0001f600é", "null", "1.0", ""])
def test_a_quoted_text_is_read_back_as_it_is_shown(text):
    from imgclass.formatting import visible

    assert yaml.safe_load(quoted(text)) == visible(text)
