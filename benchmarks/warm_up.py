"""What many trainings read and draw, done once in a process that then forks."""

import gc
from collections.abc import Sequence
from importlib import import_module


def warm_up(modules: Sequence[str]) -> None:
    """Import modules, and read and draw what trainings do, but compute nothing with Keras.

    Once TensorFlow has computed anything, it has threads, which a forked process has not.
    """
    gc.disable()
    for name in (*modules, "imgclass.flows.pipelines", "imgclass.diagnosis.rules"):
        import_module(name)

    from imgclass.diagnosis.experience.table import packaged_experience
    from imgclass.report.charts import learning_curves
    from imgclass.report.html import render_html  # noqa: F401 - and what it needs
    from imgclass.report.templates import page_template
    from imgclass.training.history import Epoch, History

    packaged_experience()
    page_template("report")
    learning_curves(History((Epoch(1.2, 0.5, 1.0, 0.6, 1e-3, 2.0),), 0, False, 2.5), 0.9)
    gc.freeze()  # what forks then looks for garbage in what is its own
    gc.enable()
