from imgclass.report.model_card.limits import limits_section


def test_classes_with_few_images_are_named(with_names):
    section = limits_section(with_names("ant", "bee", "wasp"))
    assert "Fewer than 50 train images: wasp." in section
    assert "Fewer than 20 test images" in section
    assert "bee" not in section


def test_what_the_diagnosis_found_is_a_limit(small_run):
    assert "High variance: The val accuracy is 0.800" in limits_section(small_run)


def test_what_imgclass_cannot_know_is_left_to_the_author(small_run):
    assert "for the author to add" in limits_section(small_run)
