from imgclass.errors import RunError


def test_evaluate_trusts_where_it_is_told_to(imgclass, run_dir, monkeypatch):
    asked = []

    def evaluate_run(run, **_):
        asked.append(run.trust)
        raise RunError("asked")

    monkeypatch.setattr("imgclass.execution.evaluate_run", evaluate_run)
    monkeypatch.setattr("imgclass.serving.Classifier.check", lambda _: None)
    monkeypatch.setattr("imgclass.training.backend.load_keras_quietly", lambda: None)
    for options in ([], ["--trust"]):
        imgclass("evaluate", run_dir, *options)
    assert asked == [False, True]
