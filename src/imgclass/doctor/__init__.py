"""What is wrong with an installation: its plugins, versions and devices."""

from imgclass.doctor.dependencies import Dependency, check_dependencies
from imgclass.doctor.machine import Machine, describe_machine
from imgclass.doctor.plugins import PluginCheck, check_plugins

__all__ = [
    "Dependency",
    "Machine",
    "PluginCheck",
    "check_dependencies",
    "check_plugins",
    "describe_machine",
]
