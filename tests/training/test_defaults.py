import pytest

from imgclass.training.defaults import choose_batch_size, choose_epochs, usual_rate


@pytest.mark.parametrize(("images", "size"), [(1, 32), (5_000, 32), (12_800, 128), (10**6, 256)])
def test_a_batch_leaves_a_hundred_steps_where_it_can(images, size):
    assert choose_batch_size(images) == size


@pytest.mark.parametrize(("images", "epochs"), [(1, 30), (18_000, 20), (45_000, 8), (10**6, 4)])
def test_fewer_images_are_seen_more_often(images, epochs):
    assert choose_epochs(images) == epochs


@pytest.mark.keras
@pytest.mark.parametrize(
    ("name", "rate"), [("rmsprop", 0.001), ("schedulefreeadamw", 0.0025), ("adam", 0.001)]
)
def test_a_named_optimizer_without_a_rate_takes_kerass_own_default(name, rate):
    assert usual_rate(name, 256) == rate
