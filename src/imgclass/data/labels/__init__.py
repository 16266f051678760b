"""Matching a CSV of labels with a folder of images: every row and file is accounted for."""
