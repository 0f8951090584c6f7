"""Pastes text that holds an ESC. One Paste event is right; every Key event is a key that nobody pressed."""

from textual._xterm_parser import XTermParser

for event in XTermParser().feed("\x1b[200~see\x1b[2J!q\x1b[201~"):
    print(event)
