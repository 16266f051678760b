"""Label errors: images whose labels are contradicted by models that did not learn them."""

from imgclass.label_errors.found import LabelError, LabelErrors
from imgclass.label_errors.search import find_label_errors

__all__ = ["LabelError", "LabelErrors", "find_label_errors"]
