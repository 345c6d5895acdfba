"""`python -m connector` is the px-connector command."""

from connector.cli import main

main()
