"""`python -m imgclass` is the command `imgclass`."""

from imgclass.cli import main

main()
