"""A run as one self-contained HTML page."""

from imgclass.report.html import render_html, write_report

__all__ = ["render_html", "write_report"]
