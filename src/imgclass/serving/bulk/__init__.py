"""Predictions for very many image files: named in many ways, written as they come, resumable."""

from imgclass.serving.bulk.image_files import image_files
from imgclass.serving.bulk.plain_table import PlainTable
from imgclass.serving.bulk.submission import Submission, read_submission
from imgclass.serving.bulk.table import Table, format_rows
from imgclass.serving.bulk.unfinished import Task, task_of
from imgclass.serving.bulk.writing import WrittenTable, open_table

__all__ = [
    "PlainTable",
    "Submission",
    "Table",
    "Task",
    "WrittenTable",
    "format_rows",
    "image_files",
    "open_table",
    "read_submission",
    "task_of",
]
