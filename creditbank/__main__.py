"""So that `python -m creditbank` is the same as `creditbank`."""

from creditbank.cli import main

main()
