"""Run the console as ``python -m ncpconsole``."""

from ncpconsole.cli import main

main()
