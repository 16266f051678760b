from dataclasses import replace

import pytest

from imgclass.diagnosis.diagnosis import Diagnosis, Finding
from imgclass.report.trust import checks_of
from imgclass.run.test_looks import record_look


def checks(run):
    return {check.question: check for check in checks_of(run, run.evaluation.calibration())}


def test_a_sound_run_has_a_good_answer_to_each_question(make_run):
    run = make_run(accuracy=(0.9, 0.9, 0.9), each={"train": 60, "val": 100, "test": 100})
    found = checks(run)
    assert len(found) == 6
    assert {name for name, check in found.items() if check.tone != "good"} <= {
        "Honest probabilities?"
    }


def test_few_images_are_said_to_tell_little(make_run):
    check = checks(make_run(each={"train": 20, "val": 5, "test": 5}))
    assert check["Enough images?"].tone == "look"
    assert "10 classes have fewer than 10 val images" in check["Enough of each class?"].answer


@pytest.mark.parametrize(("copies", "words"), [(1, "1 image of val and test is also"), (0, "No ")])
def test_files_in_two_splits_are_counted(run, copies, words):
    first, *_ = run.manifest.of("train")
    samples = [
        replace(sample, sha256=first.sha256) if i < copies else sample
        for i, sample in enumerate(run.manifest.of("val"))
    ]
    manifest = replace(run.manifest, samples=(*run.manifest.of("train"), *samples))
    check = checks(replace(run, manifest=manifest))["No image in two splits?"]
    assert check.tone == ("look" if copies else "good")
    assert check.answer.startswith(words)


def test_a_test_accuracy_surely_below_val_is_pointed_out(make_run):
    run = make_run(accuracy=(0.95, 0.9, 0.6), each={"train": 60, "val": 100, "test": 100})
    check = checks(run)["Free of choices?"]
    assert (check.tone, "Believe test." in check.answer) == ("look", True)


def test_without_a_test_split_that_is_unknown(make_run):
    found = checks(make_run(each={"train": 20, "val": 10}))
    assert found["Free of choices?"].tone == "unknown"
    assert "Test looked at once?" not in found


@pytest.mark.parametrize(("looks", "tone"), [(0, "good"), (1, "good"), (3, "look")])
def test_looks_at_test_scores_are_counted(run, looks, tone):
    run.path.mkdir()
    for _ in range(looks):
        record_look([run.path])
    assert checks(run)["Test looked at once?"].tone == tone


def test_a_leak_that_the_diagnoser_found_comes_first(run):
    leak = Finding("leak", 1.0, "An image of train is in val.", ())
    diagnosed = replace(run, kept_diagnosis=Diagnosis(0.95, 0.02, (leak,)))
    first = next(iter(checks(diagnosed).values()))
    assert (first.question, first.tone) == ("No leak?", "look")


def test_a_run_no_better_than_guessing_is_told_so(make_run):
    run = make_run(class_names=("cat", "dog"), accuracy=(0.5, 0.5, 0.5))
    assert checks(run)["Better than guessing?"].tone == "look"
