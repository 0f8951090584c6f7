"""Prints what Textual writes after it has given the terminal's modes back: a Ctrl+S typed then holds it for ever."""

import os
import pty
import termios

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

late: list[str] = []


class Watched(LinuxDriver):
    def write(self, data: str) -> None:
        taken = self._writer_thread is not None and self.attrs_before is not None
        if taken and termios.tcgetattr(self.fileno) == self.attrs_before:
            late.append(data)
        super().write(data)


class Example(App[None]):
    def on_mount(self) -> None:
        self.exit()


child, terminal = pty.fork()
if child == 0:
    Example(driver_class=Watched).run()
    print("\nwritten late:", late)
else:
    output = b""
    try:
        while piece := os.read(terminal, 65536):
            output += piece
    except OSError:  # how Linux tells that nobody is left at the other end
        os.waitpid(child, 0)
    print(output.decode().splitlines()[-1])
