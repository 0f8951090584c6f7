"""The journal: what this console was about to do, did, and saw afterwards, on disk before it happens.

``chain`` is the arithmetic (events, hashes, replay), ``schema`` the tables, ``place`` the file and its
permissions, ``owners`` tells living consoles from dead ones, ``trouble`` puts a failing disk into words, and
``store`` is the journal itself.
"""

from ncpconsole.core.journal.journal import Journal

__all__ = ["Journal"]
