"""The conformance kit: checks that an architecture keeps its promises, for its author."""

from imgclass.testing.kit import ArchitectureCheck, architecture_checks, check_architecture
from imgclass.testing.subject import ConformanceError

__all__ = ["ArchitectureCheck", "ConformanceError", "architecture_checks", "check_architecture"]
