"""A run to one self-contained HTML page."""
