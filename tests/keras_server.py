"""Starts Python programs as processes of their own, in which Keras is imported from the start.

    python tests/keras_server.py MODULE...

Importing Keras takes most of the time of a short program. This process imports the modules once,
computes nothing, and forks: once TensorFlow has computed anything, it has threads, which a forked
process would lack. It reads one program a line, as JSON, and writes the number of its process. What
the program prints, and at last its exit code, are files in the folder that the line names.
"""

import json
import os
import runpy
import signal
import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

ROOT = str(Path(__file__).parents[1])


def main():
    """Start a program for each line, until there are no more."""
    sys.path.insert(0, ROOT)
    import_module("benchmarks.warm_up").warm_up(sys.argv[1:])
    sys.path.remove(ROOT)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait themselves
    for line in sys.stdin:
        if os.fork() == 0:
            return start(json.loads(line))
    return None


def start(job):
    """Run the program in a process of its own, and note how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    folder = Path(job["folder"])
    if pid := os.fork():
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        (folder / "ending").write_text(str(os.waitstatus_to_exitcode(status)))
        (folder / "ending").rename(folder / "code")
        os._exit(0)
    begin(job, folder)
    run([str(word) for word in job["words"]])


def begin(job, folder):
    """Put this process into the place of a new one."""
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["environment"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, path, how in (
        (0, os.devnull, os.O_RDONLY),
        (1, folder / "stdout", os.O_WRONLY | os.O_CREAT),
        (2, folder / "stderr", os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(path, how)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False, encoding="utf-8")
    if not job["wholly"]:
        leave_out_what_follows()


def leave_out_what_follows():
    """Let trainings do without what `no_other_process` spares other tests."""
    from imgclass.execution import experiments, mistake_maps

    @contextmanager
    def unchecked():
        yield SimpleNamespace(begin=lambda *_: None, require_same=lambda *_: None)

    experiments.reload_check = unchecked
    experiments.try_small_sample = lambda *_, **__: None
    mistake_maps._maps = lambda *_: ()


def run(words):
    """Do what `python WORDS` does."""
    if words[0] == "-m":
        sys.path[0], sys.argv = str(Path.cwd()), words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.path[0], sys.argv = str(Path(words[0]).parent), words
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    main()
