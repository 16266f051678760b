from imgclass.report.model_card.scores import score_sections
from imgclass.run.test_looks import record_look


def test_a_class_without_images_has_no_figures_and_comes_last(with_names):
    _, classes, _, _ = score_sections(with_names("ant", "bee", "wasp"))
    assert classes.endswith("| wasp | 0 | n/a | no images | n/a | n/a |")


def test_mistakes_stand_with_their_share_of_the_class(with_names):
    _, _, confused, _ = score_sections(with_names("ant", "bee"))
    assert "| ant | bee | 40 | 20.0 % |" in confused


def test_looks_at_the_test_accuracy_are_counted(small_run):
    small_run.path.mkdir()
    record_look([small_run.path])
    first, *_ = score_sections(small_run)
    assert "were compared 1 time." in first
