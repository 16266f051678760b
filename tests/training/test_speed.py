from imgclass.training.speed import Speed


def test_images_of_more_pixels_take_longer_but_compiling_does_not():
    speed = Speed(frozen=0.1, step=0.2, scoring=0.3, start=4.0)
    assert speed.at(2) == Speed(frozen=0.2, step=0.4, scoring=0.6, start=4.0)
