"""Model files checked in plain Python, before Keras reads them or anything is imported."""

from imgclass.models.preflight.checks import find_fault, require_harmless, require_harmless_weights

__all__ = ["find_fault", "require_harmless", "require_harmless_weights"]
