"""The write-ahead journal of interrupts. Import from its modules: only some of them load a database."""
