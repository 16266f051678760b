def test_a_card_is_written_beside_the_run_with_a_licence(imgclass, run_dir):
    done = imgclass("model-card", run_dir, "--license", "mit")
    assert (done.code, done.out.strip(), done.err) == (0, str(run_dir / "MODEL_CARD.md"), "")
    assert 'license: "mit"' in (run_dir / "MODEL_CARD.md").read_text()


def test_a_card_without_a_licence_says_so(imgclass, run_dir, tmp_path):
    done = imgclass("model-card", run_dir, "--out", tmp_path / "README.md", "--json")
    assert done.json == {"model_card": str(tmp_path / "README.md")}
    assert "--license" in done.err


def test_a_card_that_is_there_stays(imgclass, run_dir):
    (run_dir / "MODEL_CARD.md").write_text("mine")
    assert imgclass("model-card", run_dir).code == 5
    assert imgclass("model-card", run_dir, "--force").code == 0
