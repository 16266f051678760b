def test_a_report_is_written_beside_the_run(imgclass, run_dir):
    done = imgclass("report", run_dir)
    assert done.out.strip() == str(run_dir / "report.html")
    assert (run_dir / "report.html").read_text().startswith("<!DOCTYPE html>")
