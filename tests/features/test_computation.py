import numpy as np
import pytest

pytestmark = pytest.mark.keras


def compute(model, flow):
    from imgclass.features.computation import compute_features

    counts = []
    return compute_features(model, flow, done=counts.append), counts


def test_features_stand_in_the_order_of_the_files_whatever_the_epochs_order(make_model, make_flows):
    from imgclass.features.prefix import until

    model, flows = make_model(), make_flows()
    prefix = until(model, model.get_layer("sum"))
    flows.train_augmented.start_epoch(5)
    shuffled, counts = compute(prefix, flows.train_augmented)
    in_order, _ = compute(prefix, flows.train)
    assert np.allclose(shuffled, in_order, atol=1e-3)
    assert sum(counts) == 24


def test_features_are_the_same_however_many_batches_pass_at_once(
    make_model, make_flows, monkeypatch
):
    from imgclass.features import computation
    from imgclass.features.prefix import until

    model, flows = make_model(), make_flows()
    prefix = until(model, model.get_layer("sum"))
    together, counts = compute(prefix, flows.train)
    assert counts == [24]
    monkeypatch.setattr(computation, "PASS_IMAGES", 1)
    one_by_one, counts = compute(prefix, flows.train)
    assert len(counts) == len(flows.train) > 1
    assert np.allclose(together, one_by_one, atol=1e-3)


def test_maps_are_kept_in_float16_and_vectors_in_float32(make_model, make_flows):
    from imgclass.features.prefix import until

    model, flows = make_model(), make_flows()
    dtypes = {
        name: compute(until(model, model.get_layer(name)), flows.val)[0].dtype
        for name in ("sum", "pool")
    }
    assert dtypes == {"sum": np.float16, "pool": np.float32}


def test_maps_too_large_for_float16_are_kept_in_float32(make_model, make_flows):
    from imgclass.features.prefix import until

    model, flows = make_model(), make_flows()
    model.get_layer("first").kernel.assign(model.get_layer("first").kernel * 1e6)
    features, _ = compute(until(model, model.get_layer("first")), flows.val)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert features.max() > np.finfo(np.float16).max
