"""Model files that name, one by one, everything that Keras would find by its name."""

from collections.abc import Iterator

from benchmarks.robustness.strange_models import Plain, function, layer, model


def naming_models() -> Iterator[Plain]:
    """Yield configurations that name each class and function of Keras.

    Each stands for a layer, by its public name and by the module that it is written in; for an
    initializer; and for a function that is called.
    """
    from keras.src.api_export import REGISTERED_NAMES_TO_OBJS

    for public, item in sorted(REGISTERED_NAMES_TO_OBJS.items()):
        module, _, name = public.rpartition(".")
        yield model(layer(name, module=module))
        yield model(layer("Activation", {"activation": function(name, module)}))
        strange: Plain = {"module": module, "class_name": name, "config": {}}
        yield model(layer("Dense", {"units": 2, "kernel_initializer": strange}))
        if (own := getattr(item, "__module__", module)) != module:
            yield model(layer(getattr(item, "__name__", name), module=own))
