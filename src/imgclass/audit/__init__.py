"""What is wrong with a data set, image by image: a table, a page, and a list of problems."""

from imgclass.audit.audit import Audit
from imgclass.audit.html import render_audit, write_audit
from imgclass.audit.issues import ISSUES
from imgclass.audit.problems import Problem

__all__ = ["ISSUES", "Audit", "Problem", "render_audit", "write_audit"]
