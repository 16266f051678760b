"""Matching a CSV of labels with a folder of images: every row and every file is accounted for."""
