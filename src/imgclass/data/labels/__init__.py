"""A CSV of labels and a folder of images, matched: every row and every file accounted for."""
