"""The journal's files: permissions of file and directory, their file system, and the errors of a failing disk.

On Windows owners and modes mean nothing: the access list of the user's profile, which the files inherit, decides.
"""

from __future__ import annotations

import errno
import mmap
import os
import re
import sqlite3
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.language import Sentence, msgid

if TYPE_CHECKING or sys.platform != "win32":
    import fcntl
    import grp
    import pwd


FileIdentity = tuple[int, int]
"""Device and inode: tells a file from another one put in its place."""

NOTHING_SENT = Sentence("No interrupt is sent while the journal cannot be written.")

SENTENCES = {
    "SQLITE_FULL": msgid("The disk that holds the journal {path} is full: free some space."),
    "SQLITE_BUSY": msgid("The journal {path} is locked by another process: end that process or wait for it."),
    "SQLITE_READONLY": msgid("The journal {path} is read-only: make the file and its directory writable for you."),
    "SQLITE_PERM": msgid("The journal {path} may not be opened: make the file and its directory yours."),
    "SQLITE_CANTOPEN": msgid("The journal {path} cannot be opened: make the file and its directory yours."),
    "SQLITE_NOTADB": msgid("The file {path} is not a journal: move it away, and a new journal is begun."),
    "SQLITE_CORRUPT": msgid("The journal {path} is damaged: keep it elsewhere as evidence; a new one is begun."),
    "SQLITE_IOERR": msgid("The journal {path} cannot be read or written ({detail}): check the disk and its space."),
}

NOT_LOCAL = msgid(
    "The journal lies on a file system that cannot be relied on to lock and map files ({detail}): put the journal on "
    "a local disk, by setting NCPCONSOLE_STATE_DIR to a directory there. Now it is {path}."
)

OS_SENTENCES = {
    errno.ENOLCK: NOT_LOCAL,
    errno.ENOSPC: SENTENCES["SQLITE_FULL"],
    errno.EDQUOT: msgid("Your disk quota is used up, so the journal {path} cannot be written: free some space."),
    errno.EROFS: SENTENCES["SQLITE_READONLY"],
    errno.EACCES: SENTENCES["SQLITE_PERM"],
    errno.EPERM: SENTENCES["SQLITE_PERM"],
}


def refusal(sentence: str) -> JournalUnavailable:
    """The error to raise for what is wrong with the journal, as a sentence with its remedy."""
    return JournalUnavailable(Sentence.joined(sentence, NOTHING_SENT))


def unavailable(path: Path, error: Exception) -> JournalUnavailable:
    """The error to raise for one of sqlite3's or of the operating system's."""
    template = msgid("The journal {path} cannot be used: {detail}.")
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "")
        # Extended names carry their family in front: SQLITE_IOERR_WRITE, SQLITE_READONLY_DIRECTORY.
        family = "_".join(name.split("_")[:2]).replace("LOCKED", "BUSY")
        template = SENTENCES.get(family, template)
    elif isinstance(error, OSError):
        template = OS_SENTENCES.get(error.errno or 0, template)
    detail = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return refusal(Sentence(template, path=path, detail=detail))


WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
OWN_ENTRIES = re.compile(r"journal\.db.*|owners|debug\.log|config\.toml", re.DOTALL)
"""What this console puts into its directory; on macOS the settings are there too."""


def prepare(path: Path) -> None:
    """Create directory (0700) and empty file (0600) where they are missing, and check both.

    The file exists with its final mode before SQLite opens it: the -wal and -shm files inherit that mode.
    What others can write to is refused. What they can only read is made private again, for it names servers,
    people and incidents; the directory only where it holds nothing else, as a home directory would.
    Raises JournalUnavailable with the reason and the remedy.
    """
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _flush(path.parent.parent)
        check_directory(path.parent)
        if why := why_not_local(path.parent):
            raise refusal(Sentence(NOT_LOCAL, path=path, detail=why))
        _create(path)
        _check_file(path)
        _close_to_others(path)
    except OSError as error:
        raise unavailable(path, error) from error


def database_files(path: Path) -> tuple[Path, Path, Path]:
    """The database, its write-ahead log and the log's index: all there while a console has it open."""
    return path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def file_identity(path: Path) -> FileIdentity:
    """Which file this is. Raises OSError."""
    status = path.stat()
    return status.st_dev, status.st_ino


SHARED_FILE_SYSTEMS = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|afs|ceph|lustre|gpfs|beegfs|fuse\.(sshfs|glusterfs|ceph|s3fs|rclone)"
)
"""Other machines may have them mounted too, and SQLite's locks and index are known to this machine alone."""

CANNOT = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.ENODEV}
CANNOT |= {errno.EAGAIN, errno.EACCES}
"""Errors of a lock or a map on a file that nobody else has open."""


def why_not_local(directory: Path, mounts: str | None = None) -> str:
    """Why a journal here could not hold a server for one console; empty where it can.

    By the file system's type in ``mounts`` (the text of /proc/self/mountinfo), and by trying: a lock of
    either kind and a shared map, on a file of its own.
    """
    kind = file_system(directory, mounts)
    if SHARED_FILE_SYSTEMS.fullmatch(kind):
        return kind
    if sys.platform == "win32":
        return ""
    try:
        handle, name = tempfile.mkstemp(prefix="journal.db-", dir=directory)
    except OSError:
        return ""  # full or read-only: SQLite says that better
    try:
        Path(name).unlink()
        os.write(handle, b".")
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        mmap.mmap(handle, 1).close()
    except OSError as error:
        return ", ".join(filter(None, (kind, error.strerror))) if error.errno in CANNOT else ""
    finally:
        os.close(handle)
    return ""


def file_system(directory: Path, mounts: str | None = None) -> str:
    """The type of the file system that holds a directory; empty where Linux's mountinfo does not tell."""
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
        except OSError:
            return ""
    found, place = "", directory.resolve()
    longest = 0
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        # Blanks and the like are written in octal; where one mount hides another, the last one counts.
        point = Path(re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), before.split()[4]))
        if place.is_relative_to(point) and len(point.parts) >= longest:
            found, longest = after.split()[0], len(point.parts)
    return found


def _create(path: Path) -> None:
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    try:
        os.close(os.open(path, flags, 0o600))
    except FileExistsError:
        return  # another console was first, or it is from an earlier run: both are checked next
    _flush(path.parent)


def _flush(directory: Path) -> None:
    """Or a power cut could take the new entry away, with everything that was flushed into the file."""
    if sys.platform == "win32":
        return  # Windows opens no directories, and flushes their entries itself
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_directory(directory: Path) -> None:
    """Raise JournalUnavailable unless it is ours and nobody else can write to it or replace it. Raises OSError."""
    status = directory.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise refusal(Sentence("{directory} is not a directory: move it away.", directory=directory))
    open_to_others = Sentence(
        "Other users can write to the directory {directory}: run 'chmod 700 {directory}'.", directory=directory
    )
    _check_access(directory, status, open_to_others)
    check_parents(directory)


def check_parents(directory: Path) -> None:
    """Raise JournalUnavailable where others can put another directory in the place of this one, or above it.

    As ssh does: each directory above belongs to root or to us, and others may only write to it where it is
    sticky. Those that do not exist yet are passed over. Raises OSError.
    """
    if sys.platform == "win32":
        return
    for parent in directory.resolve().parents:
        if not parent.exists():
            continue
        status = parent.stat()
        if status.st_uid not in trusted_users(os.geteuid()):
            raise refusal(
                Sentence(
                    "{parent}, above the journal, belongs to another user (uid {uid}), who could put another journal "
                    "in its place: put the journal elsewhere with NCPCONSOLE_STATE_DIR.",
                    parent=parent,
                    uid=status.st_uid,
                )
            )
        if not status.st_mode & stat.S_ISVTX and _others_write(status):
            raise refusal(
                Sentence(
                    "Other users can write to {parent}, above the journal, and put another one in its place: "
                    "run 'chmod go-w {parent}' or put the journal elsewhere with NCPCONSOLE_STATE_DIR.",
                    parent=parent,
                )
            )


def trusted_users(user: int) -> set[int]:
    """Root and this one. In a container root's files may show as those of nobody, whom nobody in it can be."""
    trusted = {0, user}
    with suppress(OSError, ValueError):
        if Path("/proc/self/uid_map").read_text("ascii").split()[2] != str(2**32 - 1):
            trusted.add(int(Path("/proc/sys/kernel/overflowuid").read_text("ascii")))
    return trusted


def _others_write(status: os.stat_result) -> bool:
    """Whether users besides the owner can write, but for a group that has no members but its user."""
    if sys.platform == "win32":
        return False
    if status.st_mode & stat.S_IWOTH:
        return True
    if not status.st_mode & stat.S_IWGRP or status.st_gid == 0:
        return False
    try:
        group, me = grp.getgrgid(status.st_gid), pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return True
    return not (group.gr_name == me and set(group.gr_mem) <= {me})


def _check_file(path: Path) -> None:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise refusal(Sentence("The journal {path} is a symbolic link: put the file itself there.", path=path))
    if not stat.S_ISREG(status.st_mode):
        raise refusal(Sentence("The journal {path} is not a regular file: move it away.", path=path))
    open_to_others = Sentence(
        "Other users can write to the journal {path}, so it proves nothing: "
        "run 'chmod 600 {path}' and check its content.",
        path=path,
    )
    _check_access(path, status, open_to_others)


def _close_to_others(path: Path) -> None:
    """Take away what others may do; raises OSError where that cannot be done."""
    if sys.platform == "win32":
        return
    # A log that is there already keeps its mode, however private the database becomes.
    for file in database_files(path):
        with suppress(FileNotFoundError):
            _tighten(file)
    if all(OWN_ENTRIES.fullmatch(entry.name) for entry in path.parent.iterdir()):
        _tighten(path.parent)


def _tighten(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & OPEN_TO_OTHERS:
        path.chmod(mode & ~OPEN_TO_OTHERS)


def _check_access(path: Path, status: os.stat_result, open_to_others: Sentence) -> None:
    if sys.platform == "win32":
        return
    if status.st_uid != os.geteuid():
        raise refusal(
            Sentence(
                "{path} belongs to another user (uid {uid}; you are uid {own}): "
                "run the console as that user, or make it yours.",
                path=path,
                uid=status.st_uid,
                own=os.geteuid(),
            )
        )
    if status.st_mode & WRITABLE_BY_OTHERS:
        raise refusal(open_to_others)
