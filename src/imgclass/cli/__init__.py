"""The command line: one public function for each verb."""

from imgclass.cli.command import main

__all__ = ["main"]
