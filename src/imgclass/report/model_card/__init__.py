"""A run as a model card for the Hugging Face Hub."""

from imgclass.report.model_card.card import MODEL_CARD, render_model_card, write_model_card

__all__ = ["MODEL_CARD", "render_model_card", "write_model_card"]
