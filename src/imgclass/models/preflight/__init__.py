"""A model file passes a check in plain Python before Keras sees it and anything is imported."""

from imgclass.models.preflight.checks import require_harmless, require_harmless_weights

__all__ = ["require_harmless", "require_harmless_weights"]
