import pytest

from imgclass.doctor import check_plugins
from imgclass.models import ModelSpec, info_of
from imgclass.registry import Registry

pytestmark = pytest.mark.keras

NETWORK = """
import keras
from keras import layers

def build(spec, num_classes):
    images = layers.Input(spec.input_shape())
    features = layers.GlobalAveragePooling2D()(layers.Rescaling(1 / 255)(images))
    return keras.Model(images, layers.Dense(num_classes, activation="softmax")(features))
"""

RULE = """
def build(evidence):
    return None
"""

# Promise S5: a distribution, its code, and what is said of it.
BROKEN = {
    "fails-on-import": ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
    "exits-the-process": ("import os; os._exit(0)", "ended Python with exit code 0"),
    "hangs": ("import time; time.sleep(600)", "was not done after 8 s"),
    "prints": (f"print('hello from a plugin'){RULE}", "prints 'hello from a plugin'"),
    "wrong-signature": ("def build(height, width, classes): ...", "TypeError"),
    "wrong-output": (NETWORK.replace("(num_classes", "(7"), "expected (None, 3)"),
    "twin-one": (RULE, "also offered by twin-two"),
    "twin-two": (RULE, "also offered by twin-one"),
    "shadows-a-built-in": (NETWORK, "also offered by imgclass-keras"),
    "stale-metadata": (None, "No module named 'stale_metadata'"),
    "missing-dependency": ("import no_such_module", "No module named 'no_such_module'"),
    "changes-the-seed": (
        f"import numpy; numpy.random.seed(0){RULE}",
        "changes NumPy's random generator",
    ),
    "torn-metadata": (RULE, "entry_points.txt cannot be read"),
    "old-api": ("from imgclass import BaseArchitecture", "cannot import name 'BaseArchitecture'"),
}
# What is about a model. The others are rules: their children start without Keras, in a tenth of
# the time.
NETWORKS = ("wrong-signature", "wrong-output", "shadows-a-built-in")
OFFERS = {"twin-one": "twin", "twin-two": "twin", "shadows-a-built-in": "cnn"}
REMEDIES = {
    "missing-dependency": "pip install 'no-such-package>=2'",
    "old-api": "upgrade old-api",
    "stale-metadata": "pip uninstall stale-metadata",
    "torn-metadata": "Install it again",
    "twin-one": "Ask for twin-one:twin",
    "shadows-a-built-in": "Ask for shadows-a-built-in:cnn",
}


@pytest.fixture
def with_broken_ones(site):
    for distribution, (code, _) in BROKEN.items():
        needs = "Requires-Dist: no-such-package>=2\n" if distribution in REMEDIES else ""
        group = "imgclass.architectures" if distribution in NETWORKS else "imgclass.diagnoser_rules"
        site(distribution, code, offers=OFFERS.get(distribution), group=group, more=needs)
    site("healthy", NETWORK, group="imgclass.architectures")
    torn = site.path / "torn_metadata-1.0.dist-info" / "entry_points.txt"
    torn.write_text("[imgclass.architectures]\nno equals sign")
    return site


@pytest.mark.usefixtures("with_broken_ones")
def test_every_broken_plugin_is_named_and_no_built_in_suffers(doctor):
    done = doctor("--limit", 8)
    checks = {check["distribution"]: check for check in done.json["plugins"]}
    named = [
        distribution
        for distribution, (_, cause) in BROKEN.items()
        if cause in checks[distribution]["cause"]
        and REMEDIES.get(distribution, distribution) in checks[distribution]["remedy"]
        and checks[distribution]["status"] != "ok"
    ]
    assert named == list(BROKEN)
    assert checks["healthy"]["status"] == "ok"
    built_in = [c for c in done.json["plugins"] if c["distribution"] == "imgclass-keras"]
    assert {check["name"] for check in built_in} >= {"cnn", "vgg16", "vgg19", "high_bias"}
    assert {check["status"] for check in built_in} == {"ok"}
    assert done.code == 4
    assert done.json["broken"] == 11  # printing, seeding and shadowing are warnings
    assert done.heavy == []


@pytest.mark.filterwarnings("ignore::imgclass.errors.PluginWarning")
def test_every_built_in_is_imported_and_built_beside_broken_plugins(with_broken_ones, monkeypatch):
    from imgclass.models import builder

    monkeypatch.syspath_prepend(with_broken_ones.path)
    found = Registry("imgclass.architectures", kind="architecture", info=info_of)
    monkeypatch.setattr(builder, "architectures", found)
    for name in ("cnn", "vgg16", "healthy"):
        builder.build_model(name, ModelSpec(image_size=(32, 32)), num_classes=3)
    assert "shadows-a-built-in" in {origin.distribution for origin in found.claims("cnn")}
    built_in = [n for n in found if found.claims(n)[0].distribution == "imgclass-keras"]
    assert [found[name].__name__ for name in built_in] == built_in


def test_where_keras_does_not_start_no_architecture_is_tried():
    groups = {check.group for check in check_plugins(keras_starts=False)}
    assert groups == {"imgclass.diagnoser_rules"}
