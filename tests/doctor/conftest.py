import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest


@pytest.fixture
def site(tmp_path):
    """Make distributions by hand, as pip would leave them, in a folder of their own."""
    folder = tmp_path / "site"

    def make(distribution, code, *, offers=None, group, more=""):
        module = distribution.replace("-", "_")
        folder.mkdir(exist_ok=True)
        if code is not None:
            (folder / f"{module}.py").write_text(code)
        info = folder / f"{module}-1.0.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n{more}"
        (info / "METADATA").write_text(metadata)
        entry = f"{offers or distribution} = {module}:build"
        (info / "entry_points.txt").write_text(f"[{group}]\n{entry}\n")

    make.path = folder
    return make


@pytest.fixture
def doctor(site):
    """Run `imgclass doctor --json` where those are installed; `heavy` is what it imported."""
    code = (
        "import atexit, sys\n"
        "heavy = lambda: sorted({'keras', 'tensorflow'} & set(sys.modules))\n"
        "atexit.register(lambda: print(*heavy(), file=sys.stderr))\n"
        "from imgclass.cli import main\n"
        "main(sys.argv[1:])\n"
    )

    def run(*words):
        done = subprocess.run(
            [sys.executable, "-c", code, "doctor", "--json", *map(str, words)],
            env=os.environ | {"PYTHONPATH": str(site.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        heavy = done.stderr.splitlines()[-1].split()
        return SimpleNamespace(code=done.returncode, json=json.loads(done.stdout), heavy=heavy)

    return run
