"""The command line: one public function for each verb."""

from imgclass.cli.main import app, main

__all__ = ["app", "main"]
