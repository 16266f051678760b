from dataclasses import replace

from imgclass.report.model_card.data import data_section


def test_files_that_are_equal_are_counted_also_across_splits_and_classes(small_run):
    samples = list(small_run.manifest.samples)
    first, last = samples[0], samples[-1]
    assert (first.split, last.split) == ("train", "test")
    samples[-1] = replace(last, sha256=first.sha256, label="NA")
    manifest = replace(small_run.manifest, samples=tuple(samples))
    section = data_section(replace(small_run, manifest=manifest), dataset="")
    assert (
        "2 files are equal to another one byte by byte; 1 picture of them is in more than one "
        "split, 1 in more than one class." in section
    )


def test_of_very_many_classes_the_table_has_a_hundred_and_the_sum_of_the_others(with_names):
    section = data_section(with_names(*(f"c{i:04d}" for i in range(1000))), dataset="")
    assert "| 900 more classes | 0 | 0 | 0 |" in section
    assert section.count("\n| c0") == 100
