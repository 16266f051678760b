"""A model file passes a check in plain Python before Keras sees it and anything is imported."""

from imgclass.models.preflight.checks import find_fault, require_harmless, require_harmless_weights

__all__ = ["find_fault", "require_harmless", "require_harmless_weights"]
