"""`python -m eeds.cli`, for where the package is not installed."""

from eeds.cli import main

main()
