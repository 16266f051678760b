"""The conformance kit: what an architecture promises, as checks for its author's own tests."""

from imgclass.testing.kit import ArchitectureCheck, architecture_checks, check_architecture
from imgclass.testing.subject import ConformanceError

__all__ = ["ArchitectureCheck", "ConformanceError", "architecture_checks", "check_architecture"]
