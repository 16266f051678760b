import subprocess
import sys

import pytest


@pytest.mark.keras
def test_keras_is_imported_and_standard_error_works_again_afterwards():
    script = (
        "import os, sys; from imgclass.training.quiet import load_keras_quietly\n"
        "load_keras_quietly(); assert 'keras' in sys.modules\n"
        "os.write(2, b'heard')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stderr == b"heard"
