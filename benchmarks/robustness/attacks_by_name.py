"""Model files that name what is to be called: code, classes, functions, modules, files."""

import base64
import io
import json
import marshal
import pickle
from pathlib import Path
from types import CodeType

import h5py
import keras

from benchmarks.robustness.strange_models import (
    Attack,
    Pickled,
    Place,
    Plain,
    as_layer,
    flatten,
    function,
    layer,
    model,
    node,
    ordinary,
    sequential,
    tensor,
)


def lambda_by_code(place: Place) -> Path:
    """CVE-2024-3660: the code of a Python function stands in the file."""
    return place.write(model(layer("Lambda", {"function": _code(place)})))


def lambda_by_code_for_its_shape(place: Place) -> Path:
    """The same, as the function that says what shape comes out."""
    harmless = function("relu", "builtins")
    return place.write(model(layer("Lambda", {"function": harmless, "output_shape": _code(place)})))


def lambda_of_keras_2(place: Place) -> Path:
    """The same, as Keras 2 wrote it."""
    code = [_code(place)["config"]["code"], None, None]
    config = {"function": code, "function_type": "lambda", "module": "__main__"}
    return place.write(model(layer("Lambda", config, module=None)))


def lambda_by_its_own_module(place: Place) -> Path:
    """The same, with the class named by the module that it is written in."""
    config = {"function": _code(place)}
    return place.write(model(layer("Lambda", config, module="keras.src.layers.core.lambda_layer")))


def lambda_in_a_wrapper(place: Place) -> Path:
    """The same, inside a layer that applies another one."""
    inner = layer("Lambda", {"function": _code(place)}, name="inner")
    return place.write(model(layer("TimeDistributed", {"layer": inner})))


def lambda_in_a_model_in_a_model(place: Place) -> Path:
    """The same, two models deep."""
    inner = model(layer("Lambda", {"function": _code(place)}), name="inner")
    middle = model(as_layer(inner), name="middle")
    return place.write(model(as_layer(middle)))


def lambda_in_a_sequence(place: Place) -> Path:
    """The same, in a Sequential model."""
    return place.write(sequential(layer("Lambda", {"function": _code(place)})))


def code_as_an_activation(place: Place) -> Path:
    """The same code, as the activation of an ordinary layer."""
    return place.write(model(layer("Activation", {"activation": _code(place)})))


def code_as_an_initializer(place: Place) -> Path:
    """The same code, as the initializer of an ordinary layer."""
    strange = ordinary(keras.layers.Dense(2), kernel_initializer=_code(place))
    return place.write(model(strange))


def saved_model_by_a_lambda(place: Place) -> Path:
    """A Lambda names the class of a layer; called with a path, it loads a SavedModel's code."""
    named = {"function": function("TFSMLayer", "keras.layers")}
    path = str(place.outside / "saved_model")
    strange = layer("Lambda", named, nodes=node(inputs=path))
    return place.write(model(strange, flatten()))


def saved_model_as_a_layer(place: Place) -> Path:
    """CVE-2026-1462: the layer that loads a SavedModel."""
    config = {"filepath": str(place.outside / "saved_model"), "call_endpoint": "serve"}
    return place.write(model(layer("TFSMLayer", config)))


def saved_model_by_its_own_module(place: Place) -> Path:
    """The same, named by the module that it is written in."""
    config = {"filepath": str(place.outside / "saved_model"), "call_endpoint": "serve"}
    return place.write(model(layer("TFSMLayer", config, module="keras.src.export.tfsm_layer")))


def pickle_in_a_torch_module(place: Place) -> Path:
    """CVE-2025-49655: a pickled module of PyTorch."""
    data = io.BytesIO()
    pickle.Pickler(data).dump(Pickled(place.code))
    module = {
        "class_name": "__bytes__",
        "config": {"value": base64.b64encode(data.getvalue()).decode()},
    }
    return place.write(model(layer("TorchModuleWrapper", {"module": module})))


def module_in_the_working_directory(place: Place) -> Path:
    """A layer of `keras_hub`, which lies in the working directory."""
    _write_package(place, "keras_hub")
    return place.write(model(layer("Strange", module="keras_hub.layers")))


def module_among_the_arguments(place: Place) -> Path:
    """The same for `keras_nlp`, among the arguments of a call."""
    _write_package(place, "keras_nlp")
    strange = {"module": "keras_nlp.layers", "class_name": "Strange", "config": {}}
    flat = flatten() | {"inbound_nodes": node(tensor(), data=strange)}
    return place.write(model(flat))


def module_among_compile_settings(place: Place) -> Path:
    """The same for `keras_cv`, in the compile settings of a model inside the model."""
    _write_package(place, "keras_cv")
    optimizer = {
        "module": "keras_cv.layers",
        "class_name": "Strange",
        "config": {},
        "registered_name": None,
    }
    inner = as_layer(model(flatten(), name="inner"))
    inner["compile_config"] = {"optimizer": optimizer, "loss": "mse"}
    return place.write(model(inner))


def module_among_build_settings(place: Place) -> Path:
    """The same for `keras_cv`, in the settings that a layer is built by."""
    _write_package(place, "keras_cv")
    strange = {"module": "keras_cv.layers", "class_name": "Strange", "config": {}}
    return place.write(model(flatten() | {"build_config": {"input_shape": strange}}))


def module_of_a_data_type(place: Place) -> Path:
    """The same for `keras_hub`, as the data type of a layer."""
    _write_package(place, "keras_hub")
    policy = {"module": "keras_hub.layers", "class_name": "Strange", "config": {"name": "float32"}}
    return place.write(model(layer("Flatten", {"dtype": policy})))


def module_of_a_type_specification(place: Place) -> Path:
    """The same for `keras_hub`, as a type that TensorFlow describes."""
    _write_package(place, "keras_hub")
    strange = {
        "module": "keras_hub.layers",
        "class_name": "__typespec__",
        "spec_name": "Strange",
        "registered_name": "Strange",
        "config": [],
    }
    return place.write(model(flatten() | {"inbound_nodes": node(tensor(), data=strange)}))


def layer_name_that_climbs(place: Place) -> Path:
    """CVE-2026-12479: a layer whose name is a path."""
    return place.write(model(layer("Flatten", name="..")))


def layer_name_of_a_file(place: Place) -> Path:
    """The same, with the path of a file outside."""
    return place.write(model(layer("Flatten", name=f"../..{place.secret}")))


def keras_2_model_with_code(place: Place) -> Path:
    """CVE-2025-9905: HDF5 of Keras 2, whose attribute holds the configuration with a Lambda."""
    code = [_code(place)["config"]["code"], None, None]
    config = {"function": code, "function_type": "lambda", "module": "__main__"}
    with h5py.File(place.model, "w") as file:
        file.attrs["model_config"] = json.dumps(model(layer("Lambda", config, module=None)))
        file.attrs["keras_version"] = "2.15.0"
        file.create_group("model_weights")
    return place.model


def _named(kind: str, module: str, config: Plain | None = None) -> Plain:
    return model(layer(kind, config, module=module))


def _called(name: str, module: str) -> Attack:
    """Return an attack whose Lambda calls a function with the path of a file outside."""

    def write(place: Place) -> Path:
        named = {"function": function(name, module), "arguments": {}}
        nodes = node(inputs=str(place.secret))
        return place.write(model(layer("Lambda", named, nodes=nodes), flatten()))

    return Attack(write, name=f"a Lambda calls {module}.{name}", says="strange")


def _built(kind: str, module: str, **config: object) -> Attack:
    """Return an attack with a layer of a class that is none, or that reads a file."""

    def write(place: Place) -> Path:
        known = {
            key: value.format(secret=place.secret, code=place.code, outside=place.outside)
            if isinstance(value, str)
            else value
            for key, value in config.items()
        }
        return place.write(_named(kind, module, known))

    return Attack(write, name=f"a layer {module}.{kind}", says=kind)


def _given(where: str, name: str, module: str) -> Attack:
    """Return an attack in which a setting of an ordinary layer names a function or class."""

    def write(place: Place) -> Path:
        _write_package(place, "keras_hub")
        strange = {"module": module, "class_name": name, "config": {}, "registered_name": None}
        return place.write(model(ordinary(keras.layers.Dense(2), **{where: strange})))

    return Attack(write, name=f"{where} is {module}.{name}", says=where)


def _code(place: Place) -> Plain:
    code = compile(f"lambda x: ({place.code}, x)[1]", "<strange>", "eval")
    inner = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
    text = base64.b64encode(marshal.dumps(inner)).decode()
    config = {"code": text, "defaults": None, "closure": None}
    return {"class_name": "__lambda__", "config": config}


def _write_package(place: Place, name: str) -> None:
    """Write a package that leaves the marker when it is imported."""
    folder = place.folder / name / "layers"
    folder.mkdir(parents=True)
    for file in (folder.parent / "__init__.py", folder / "__init__.py"):
        file.write_text(place.code + "\n", encoding="utf-8")


BY_NAME = (
    Attack(lambda_by_code, says="Lambda", runs="unsafe"),
    Attack(lambda_by_code_for_its_shape, says="Lambda", runs="unsafe"),
    Attack(lambda_of_keras_2, says="Lambda"),
    Attack(lambda_by_its_own_module, says="Lambda"),
    Attack(lambda_in_a_wrapper, says="TimeDistributed", runs="unsafe"),
    Attack(lambda_in_a_model_in_a_model, says="Lambda", runs="unsafe"),
    Attack(lambda_in_a_sequence, says="Lambda"),
    Attack(code_as_an_activation, says="activation"),
    Attack(code_as_an_initializer, says="__lambda__"),
    Attack(saved_model_by_a_lambda, says="strange", runs="safe"),
    Attack(saved_model_as_a_layer, says="TFSMLayer", runs="unsafe"),
    Attack(saved_model_by_its_own_module, says="TFSMLayer", runs="unsafe"),
    Attack(pickle_in_a_torch_module, says="TorchModuleWrapper"),
    Attack(module_in_the_working_directory, says="keras_hub", runs="safe"),
    Attack(module_among_the_arguments, says="flat", runs="safe"),
    Attack(module_among_compile_settings, says="keras_cv", runs="safe"),
    Attack(module_among_build_settings, says="flat"),
    Attack(module_of_a_data_type, says="keras_hub"),
    Attack(module_of_a_type_specification, says="flat"),
    Attack(layer_name_that_climbs, says="name"),
    Attack(layer_name_of_a_file, says="name"),
    Attack(keras_2_model_with_code),
    # CVE-2025-1550 and CVE-2025-8747: any module, and functions of Keras that were not meant.
    _called("system", "os"),
    _called("run", "subprocess"),
    _called("eval", "builtins"),
    _called("enable_unsafe_deserialization", "keras.config"),  # CVE-2025-9906
    # CVE-2024-55459, CVE-2025-12060, CVE-2025-12638, GHSA-hqp4-2352-xf5r: fetches and unpacks
    _called("get_file", "keras.utils"),
    _called("get_file", "keras.src.utils.file_utils"),
    _called("load_model", "keras.models"),
    _called("load_model", "keras.saving"),
    _called("KerasFileEditor", "keras.saving"),
    _called("load_data", "keras.datasets.mnist"),
    _called("load_data", "keras.datasets.reuters"),
    _called("MobileNet", "keras.applications"),
    _called("NASNetMobile", "keras.applications.nasnet"),
    _called("load_img", "keras.preprocessing.image"),
    _called("model_from_json", "keras.models"),
    _called("Model", "keras"),
    _called("BackupAndRestore", "keras.callbacks"),
    _called("CSVLogger", "keras.callbacks"),
    _called("set_backend", "keras.config"),
    _built("Popen", "subprocess", args="{code}"),
    _built("system", "os"),
    _built("exec", "builtins"),
    _built("SourceFileLoader", "importlib.machinery", path="{secret}"),
    # CVE-2025-12058: words of a file, or of an address
    _built("StringLookup", "keras.layers", vocabulary="{secret}"),
    _built("IntegerLookup", "keras.layers", vocabulary="{secret}"),
    _built("TextVectorization", "keras.layers", vocabulary="{secret}"),
    _built("IndexLookup", "keras.src.layers.preprocessing.index_lookup", vocabulary="{secret}"),
    _built("FlaxLayer", "keras.layers"),
    _built("JaxLayer", "keras.layers"),
    _built("KerasFileEditor", "keras.saving", filepath="{outside}/outside.weights.h5"),
    _built("MobileNet", "keras.applications", weights="{outside}/outside.weights.h5"),
    _built("CSVLogger", "keras.callbacks", filename="{outside}/new.csv"),
    _given("activation", "get_file", "keras.utils"),
    _given("kernel_initializer", "KerasFileEditor", "keras.saving"),
    _given("kernel_regularizer", "Strange", "keras_hub.layers"),
    _given("bias_constraint", "Popen", "subprocess"),
    _given("dtype", "TFSMLayer", "keras.layers"),
    _given("no_such_setting", "Strange", "keras_hub.layers"),
)
