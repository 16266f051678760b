"""What is wrong with a data set, image by image: one table, one page, one list of findings."""

from imgclass.audit.audit import Audit
from imgclass.audit.findings import Finding
from imgclass.audit.html import render_audit, write_audit
from imgclass.audit.issues import ISSUES

__all__ = ["ISSUES", "Audit", "Finding", "render_audit", "write_audit"]
