"""What an image file is and means: its formats, its limits, its pixels."""
