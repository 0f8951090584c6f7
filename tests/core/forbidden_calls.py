"""Makes the kernel refuse system calls of this process, as the file systems do that cannot lock or map.

A seccomp filter, in the classic BPF of <linux/filter.h>. It holds for good: only for a process that is ended.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
LOAD, EQUAL, BITS, GIVE = 0x20, 0x15, 0x45, 0x06
NUMBERS = {"x86_64": {"fcntl": 72, "flock": 73, "mmap": 9}, "aarch64": {"fcntl": 25, "flock": 32, "mmap": 222}}[
    os.uname().machine
]
FIRST_ARGUMENT = 16


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _refuse(call: str, argument: int, value: int, error: int, test: int = EQUAL) -> bytes:
    """Refuse one call where an argument (from 0) is a value, or has one of its bits."""
    return b"".join(
        (
            _step(LOAD, 0),
            _step(EQUAL, NUMBERS[call], 0, 3),
            _step(LOAD, FIRST_ARGUMENT + 8 * argument),
            _step(test, value, 0, 1),
            _step(GIVE, ERRNO | error),
        )
    )


FILTERS = {
    "no locks of POSIX": b"".join(
        _refuse("fcntl", 1, command, errno.ENOLCK) for command in (fcntl.F_SETLK, fcntl.F_SETLKW)
    ),
    "no locks of BSD": b"".join(_refuse("flock", 1, how, errno.ENOLCK, BITS) for how in (fcntl.LOCK_EX, fcntl.LOCK_SH)),
    "locks that are always taken": _refuse("fcntl", 1, fcntl.F_SETLK, errno.EAGAIN),
    "no shared maps": _refuse("mmap", 3, mmap.MAP_SHARED, errno.ENODEV, BITS),
}


def forbid(what: str) -> None:
    """From now on, for this process and for good."""
    assert sys.platform == "linux"
    program = FILTERS[what] + _step(GIVE, ALLOW)
    code = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_char_p(described), 0, 0) == 0


if __name__ == "__main__":
    forbid(sys.argv[1])
    os.execv(sys.argv[2], sys.argv[2:])
