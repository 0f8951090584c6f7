"""Reads key reports as the kitty keyboard protocol allows them. An exception of the parser ends the program."""

from textual._xterm_parser import XTermParser

for report in ("\x1b[27;1:1u", "\x1b[97;1:3u", "\x1b[1;1:1B", "\x1b[1114112u"):
    try:
        print(repr(report), list(XTermParser().feed(report)))
    except (ValueError, OverflowError) as error:
        print(repr(report), repr(error))
