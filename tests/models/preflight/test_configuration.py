import copy

import pytest

from imgclass.models.preflight.configuration import require_harmless_config
from imgclass.models.preflight.objects import Objects
from imgclass.models.preflight.refusal import Refused

LAMBDA = {"class_name": "__lambda__", "config": {"value": "x"}}
FUNCTION = {
    "module": "keras.utils",
    "class_name": "function",
    "config": "get_file",
    "registered_name": "get_file",
}
STRANGE = {
    "module": "keras_hub.layers",
    "class_name": "Strange",
    "config": {},
    "registered_name": None,
}
GLOROT = {
    "module": "keras.initializers",
    "class_name": "GlorotUniform",
    "config": {"seed": None},
    "registered_name": None,
}


def check(config, **known):
    return require_harmless_config(config, Objects(**known))


def refused(config, says, **known):
    with pytest.raises(Refused, match=says) as caught:
        check(config, **known)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def test_a_model_is_counted(make):
    cost = check(make.model(make.dense("a", "image", 4), make.dense("b", "a", 5)))
    assert (cost.outputs, cost.parameters, cost.calls) == (((8, 8, 5),), 16 + 25, 2)


def test_a_layer_that_is_called_twice_has_its_parameters_once(make):
    twice = make.dense("a", "image", 3)
    twice["inbound_nodes"].append({"args": [make.tensor("a")], "kwargs": {}})
    cost = check(make.model(twice, output=["a", 1, 0]))
    assert (cost.parameters, cost.calls) == (12, 2)


def test_a_model_in_a_model_is_counted(make):
    inner = make.model(make.dense("a", "image", 4))
    outer = make.model(make.called(inner, "inner", "image"), make.dense("b", "inner", 1))
    assert check(outer).parameters == 16 + 5
    first = make.sequential(make.image(), make.dense("a", "image", 4))
    assert check(make.model(make.called(first, "inner", "image"))).parameters == 16


def test_operations_take_numbers(make):
    plus = make.layer("plus", "Add", module="keras.src.ops.numpy", args=[make.tensor("image"), 0.5])
    assert check(make.model(plus)).outputs == ((8, 8, 3),)


@pytest.mark.parametrize(
    ("kind", "module"),
    [
        ("Lambda", "keras.layers"),
        ("Lambda", "keras.src.layers.core.lambda_layer"),
        ("TFSMLayer", "keras.layers"),
        ("TorchModuleWrapper", "keras.layers"),
        ("JaxLayer", "keras.layers"),
        ("FlaxLayer", "keras.layers"),
        ("StringLookup", "keras.layers"),
        ("IntegerLookup", "keras.layers"),
        ("TextVectorization", "keras.layers"),
        ("KerasFileEditor", "keras.saving"),
        ("MobileNet", "keras.applications"),
        ("load_data", "keras.datasets.mnist"),
        ("Strange", "keras_hub.layers"),
        ("Strange", "keras_nlp.layers"),
        ("Strange", "keras_cv.layers"),
        ("Popen", "subprocess"),
        ("system", "os"),
        ("exec", "builtins"),
        ("__lambda__", "keras.layers"),
        ("__typespec__", "keras.layers"),
        ("function", "keras.utils"),
        ("Dense", "keras.layers.core"),
    ],
)
def test_a_layer_on_no_list_is_refused_by_name(make, kind, module):
    for config in (
        make.model(make.layer("a", kind, module=module, takes="image")),
        make.sequential(make.image(), make.layer("a", kind, module=module)),
        make.model(
            make.called(
                make.model(make.layer("a", kind, module=module, takes="image")), "in", "image"
            )
        ),
    ):
        refused(config, kind)


def test_a_layer_of_before_keras_3_is_refused(make):
    layer = make.dense("a", "image")
    del layer["module"]
    refused(make.model(layer), "'Dense' of None")


@pytest.mark.parametrize("value", [LAMBDA, FUNCTION, STRANGE, "os.system", 3, ["relu"]])
@pytest.mark.parametrize("key", ["activation", "kernel_initializer", "bias_regularizer", "dtype"])
def test_a_setting_that_names_a_function_or_a_class_is_refused(make, key, value):
    refused(make.model(make.dense("a", "image", **{key: value})), key)


@pytest.mark.parametrize("value", [LAMBDA, STRANGE, 1, "text", True])
def test_an_unknown_setting_is_refused(make, value):
    refused(make.model(make.dense("a", "image", no_such_setting=value)), "no_such_setting")


@pytest.mark.parametrize("value", [None, False])
def test_a_setting_of_a_later_keras_may_be_off(make, value):
    assert check(make.model(make.dense("a", "image", no_such_setting=value))).calls == 1


@pytest.mark.parametrize("value", [0, -1, 2.5, "3", True, None, 2**40, [1], {}])
def test_an_invalid_number_of_units_is_refused(make, value):
    refused(make.model(make.dense("a", "image", value)), "units")


@pytest.mark.parametrize("key", ["args", "kwargs"])
@pytest.mark.parametrize("value", [STRANGE, LAMBDA, FUNCTION, "/etc/passwd"])
def test_a_call_with_something_else_than_a_tensor_is_refused(make, key, value):
    layer = make.dense("a", "image")
    if key == "args":
        layer["inbound_nodes"][0]["args"].append(value)
    else:
        layer["inbound_nodes"][0]["kwargs"]["inputs"] = value
    refused(make.model(layer), "called with")


@pytest.mark.parametrize("node", [[["image", 0, 0, {}]], [], {"args": []}, "image", None])
def test_a_call_of_another_form_is_refused(make, node):
    layer = make.dense("a", "image")
    layer["inbound_nodes"] = [node]
    refused(make.model(layer), "called")


@pytest.mark.parametrize(
    "history", [["nowhere", 0, 0], ["image", -1, 0], ["image", 5, 0], ["a", 0, 0]]
)
def test_a_call_with_an_output_that_no_layer_makes_is_refused(make, history):
    layer = make.dense("a", "image")
    layer["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = history
    refused(make.model(layer), "layer")


@pytest.mark.parametrize(
    "built",
    [
        {"input_shape": [None, 2**23]},
        {"input_shape": STRANGE},
        {"data": STRANGE},
        {"shapes_dict": {"input_shape": STRANGE}},
        [1],
    ],
)
def test_a_layer_built_with_anything_but_shapes_is_refused(make, built):
    refused(make.model(make.dense("a", "image") | {"build_config": built}), "built")


@pytest.mark.parametrize("name", ["..", ".", "a/b", "a\\b", "", "\x1b[2J", "a" * 10_000, 3, None])
def test_a_name_that_is_no_valid_path_is_refused(make, name):
    refused(make.model(make.dense(name, "image")), "name")


def test_two_layers_of_one_name_are_refused(make):
    refused(make.model(make.dense("a", "image"), make.dense("a", "image")), "named 'a'")


def test_a_model_in_a_model_may_have_compile_settings_of_keras(make):
    inner = make.model(make.dense("a", "image"))
    inner["compile_config"] = {
        "optimizer": {
            "module": "keras.optimizers",
            "class_name": "Adam",
            "config": {"name": "adam", "learning_rate": 0.001},
            "registered_name": None,
        },
        "loss": "mse",
        "metrics": ["accuracy"],
        "run_eagerly": False,
    }
    assert check(make.model(make.called(inner, "inner", "image"))).calls == 1


@pytest.mark.parametrize("value", [STRANGE, LAMBDA, FUNCTION, {"inner": [STRANGE]}])
def test_other_compile_settings_are_refused_there(make, value):
    inner = make.model(make.dense("a", "image")) | {"compile_config": {"loss": value}}
    refused(make.model(make.called(inner, "inner", "image")), "compilation|class")


def test_objects_that_share_a_number_must_be_equal(make):
    first, second = (
        GLOROT | {"shared_object_id": 1},
        copy.deepcopy(GLOROT | {"shared_object_id": 1}),
    )
    both = (first, second)
    layers = [make.dense(n, "image", kernel_initializer=i) for n, i in zip("ab", both, strict=True)]
    assert check(make.model(*layers)).calls == 2
    second["config"]["seed"] = 3
    refused(make.model(*layers), "shares its number")
    refused(make.model(make.dense("a", "image") | {"shared_object_id": 1}), "shared_object_id")


def test_an_object_of_keras_has_no_registered_name(make):
    odd = GLOROT | {"registered_name": "nets>Scale"}
    refused(make.model(make.dense("a", "image", kernel_initializer=odd)), "registered name")


@pytest.mark.parametrize("side", [20_000, 2**24])
def test_a_padding_that_makes_too_much_of_an_image_is_refused(make, side):
    pads = [[side, side], [side, side]]
    layer = make.layer("a", "ZeroPadding2D", takes="image", padding=pads, data_format=None)
    refused(make.model(layer), "numbers of one image")


def test_an_image_of_100_000_pixels_a_side_is_refused(make):
    first = make.image((None, 100_000, 100_000, 3))
    refused(make.model(make.dense("a", "image"), first=first), "numbers of one image")


def test_models_that_call_a_model_twice_are_refused_at_once(make):
    inner = make.model(make.dense("a", "image", 3))
    for _ in range(24):
        twice = make.called(inner, "inner", "image")
        twice["inbound_nodes"].append({"args": [make.tensor("inner")], "kwargs": {}})
        inner = make.model(twice, output=["inner", 2, 0])
    refused(inner, "calls of layers")


def test_layers_in_reverse_order_are_refused(make):
    chain = [make.dense(str(n + 1), str(n) if n else "image", 3) for n in range(200)]
    refused(make.model(*chain[::-1], output=["200", 0, 0]), "no layer before it makes")


def test_a_cycle_is_refused(make):
    refused(make.model(make.dense("a", "b"), make.dense("b", "a")), "no layer before it makes")


CUSTOM = {"module": "nets.layers", "registered_name": "nets>Scale"}


def scale(make, **config):
    return make.layer("scale", "Scale", takes="image", **config) | CUSTOM


def test_a_registered_layer_is_refused_unless_its_module_is_trusted(make):
    config = make.model(scale(make), make.dense("a", "scale"))
    refused(config, "Scale.*not registered")
    refused(config, "Scale", trusted_modules=frozenset({"nets"}))
    assert check(config, trusted_modules=frozenset({"nets.layers"})).parameters == 8


@pytest.mark.parametrize("value", [STRANGE, LAMBDA, FUNCTION])
def test_a_trusted_layer_may_name_only_what_is_allowed(make, value):
    config = make.model(scale(make, inner=[{"deep": value}]))
    refused(config, "Strange|__lambda__|get_file", trusted_modules=frozenset({"nets.layers"}))


@pytest.mark.parametrize("value", [STRANGE, LAMBDA, FUNCTION, [{"deep": STRANGE}]])
@pytest.mark.parametrize("key", ["activation", "kernel_initializer", "bias_regularizer"])
def test_a_trusted_object_may_name_only_what_is_allowed(make, key, value):
    custom = CUSTOM | {"class_name": "Scale", "config": {"rate": value}}
    layer = make.dense("a", "image", **{key: custom})
    refused(make.model(layer), key)
    trusted = frozenset({"nets.layers"})
    refused(make.model(layer), "Strange|__lambda__|get_file|activation", trusted_modules=trusted)


@pytest.mark.parametrize("value", [STRANGE, LAMBDA, FUNCTION, [{"deep": STRANGE}]])
def test_a_trusted_optimizer_may_name_only_what_is_allowed(make, value):
    inner = make.model(make.dense("a", "image"))
    custom = CUSTOM | {"class_name": "Scale", "config": {"learning_rate": value}}
    inner["compile_config"] = {"optimizer": custom}
    config = make.model(make.called(inner, "inner", "image"))
    trusted = frozenset({"nets.layers"})
    refused(config, "Strange|__lambda__|get_file", trusted_modules=trusted)
    custom["config"]["learning_rate"] = 0.1
    config = make.model(make.called(inner, "inner", "image"))
    assert check(config, trusted_modules=trusted).calls == 1


@pytest.mark.parametrize("name", ["get", "deserialize", "serialize"])
def test_a_loss_may_not_be_a_function_that_makes_objects(make, name):
    inner = make.model(make.dense("a", "image"))
    loss = {"module": "builtins", "class_name": "function", "config": name}
    inner["compile_config"] = {"loss": loss}
    refused(make.model(make.called(inner, "inner", "image")), "function")


def test_a_module_that_keras_would_import_is_never_trusted(make):
    layer = scale(make) | {"module": "keras_hub.layers"}
    refused(make.model(layer), "keras_hub", trusted_modules=frozenset({"keras_hub.layers"}))


@pytest.mark.parametrize("config", [None, [], 3, "text", {}, {"class_name": "Functional"}])
def test_a_configuration_that_is_no_model_is_refused(config):
    refused(config, "expected a Functional or Sequential model")
