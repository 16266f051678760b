"""Random changes to training images: what they are, how they are drawn, how they are made."""
