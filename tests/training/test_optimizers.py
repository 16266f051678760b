import gc
import weakref

import pytest

from imgclass.training.config import TrainingConfig

pytestmark = pytest.mark.keras


@pytest.fixture
def compiled(make_model):
    from imgclass.training.optimizers import leave_own_optimizer_out_of_files
    from imgclass.training.recipe import make_optimizer

    def make(optimizer):
        model = make_model()
        config = TrainingConfig(optimizer=optimizer, learning_rate=0.1)
        model.compile(make_optimizer(config, total_steps=1), loss="categorical_crossentropy")
        leave_own_optimizer_out_of_files(model)
        return model

    return make


def test_an_optimizer_of_imgclass_is_left_out(compiled):
    assert compiled("muon").get_compile_config() == {}


def test_an_optimizer_of_keras_stays_in(compiled):
    assert compiled("sgd").get_compile_config()["optimizer"]["class_name"] == "SGD"


def test_an_optimizer_compiled_later_stays_in(compiled):
    model = compiled("muon")
    model.compile("adam", loss="categorical_crossentropy")
    assert model.get_compile_config()["optimizer"]["class_name"] == "Adam"


def test_a_model_can_still_be_cloned(compiled):
    import keras

    model = compiled("muon")
    assert keras.models.clone_model(model).count_params() == model.count_params()


def test_the_model_can_be_garbage_collected(compiled):
    known = weakref.ref(compiled("muon"))
    gc.collect()
    assert known() is None
