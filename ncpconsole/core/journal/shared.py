"""A journal that the members of one group share on one machine: how its rights must be, and how it is made.

Directory root:GROUP 2770, files 0660. The file is root's, so that no member can put another one in its place, and the
directory's group passes to the log and the lock files. SQLite's log and flock work across users on a local file system.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ncpconsole.core.errors import GuardUnavailable
from ncpconsole.core.journal.files import OWN_ENTRIES, database_files, file_system, trusted_users, why_not_local
from ncpconsole.language import Sentence, msgid

if TYPE_CHECKING or sys.platform != "win32":
    import grp

OWNER = 0
DIRECTORY_MODE = 0o2770
FILE_MODE = 0o660
OTHER_MACHINES_TOO = ("9p", "virtiofs", "vboxsf", "fuse", "ocfs2", "gfs2")
"""Types of file systems, by their beginning, that may be another machine's though they lock and map here."""
ASK = Sentence("Nothing is sent until then.")
NEEDS_POSIX = Sentence("A journal for several users needs a system with POSIX rights.")
NO_DIRECTORY = msgid(
    "{path} is not a directory, as the shared journal's must be: ask the administrator to move it away."
)
NO_FILE = msgid(
    "{path} is not a file of one name, as the shared journal's must be: ask the administrator to move it away."
)


def refusal(sentence: str) -> GuardUnavailable:
    """The error to raise for what is wrong with the shared journal."""
    return GuardUnavailable(Sentence.joined(sentence, ASK))


def check_shared(path: Path) -> None:
    """Raise GuardUnavailable unless this journal guards its whole group and nobody else can alter it.

    Looks at everything anew, as each console does at its start: owner root, one group, no others, no access list, no
    link, the directories above, a local file system.
    """
    directory = path.parent
    command = f"ncpconsole team setup {path} --group GROUP"  # no message: a command
    try:
        _check_above(directory)
        status = directory.lstat()
        _check_kind(directory, status, stat.S_ISDIR(status.st_mode), NO_DIRECTORY)
        if not _is_member(status.st_gid):
            raise refusal(
                Sentence(
                    "You are not in the group {group}, which shares the journal {path}: ask the administrator of this "
                    "machine to put you into it, then log in again.",
                    group=group_name(status.st_gid),
                    path=path,
                )
            )
        _check_rights(directory, status, status.st_gid, DIRECTORY_MODE, command)
        owners = directory / "owners"
        _check_rights(owners, owners.lstat(), status.st_gid, DIRECTORY_MODE, command)
        for file in database_files(path):
            if file != path and not os.path.lexists(file):
                continue
            found = file.lstat()
            _check_kind(file, found, stat.S_ISREG(found.st_mode) and found.st_nlink == 1, NO_FILE)
            # The log is made anew by whichever member comes first.
            _check_rights(file, found, status.st_gid, FILE_MODE, command, of_root=file == path)
    except FileNotFoundError as error:
        raise refusal(
            Sentence(
                "{path} is missing, and with it the journal that this machine shares: ask the administrator of this "
                "machine to run '{command}' again.",
                path=error.filename,
                command=command,
            )
        ) from error
    except OSError as error:
        raise refusal(
            Sentence(
                "The shared journal {path} cannot be looked at ({detail}): ask the administrator of this machine to "
                "run '{command}' again.",
                path=path,
                detail=error.strerror,
                command=command,
            )
        ) from error
    if why := _why_not_this_machine(directory):
        raise refusal(
            Sentence(
                "The shared journal {path} lies on a file system that other machines may use too, or that cannot be "
                "relied on to lock and map files ({detail}): ask the administrator to put it on a local disk.",
                path=path,
                detail=why,
            )
        )


def make_shared(path: Path, group: int) -> None:
    """Make the directory and an empty file with these rights, or give them to those that are there; as root.

    Raises GuardUnavailable where that cannot be done, and for a directory that holds other things.
    """
    if sys.platform == "win32":
        raise refusal(NEEDS_POSIX)
    directory = path.parent
    try:
        for missing in [one for one in reversed((directory, *directory.parents)) if not one.exists()]:
            missing.mkdir()
            missing.chmod(0o755)  # whatever the umask is
        status = directory.lstat()
        _check_kind(directory, status, stat.S_ISDIR(status.st_mode), NO_DIRECTORY)
        _check_above(directory)
        if why := _why_not_this_machine(directory):
            raise refusal(
                Sentence(
                    "{path} lies on a file system that other machines may use too ({detail}): choose a local disk.",
                    path=directory,
                    detail=why,
                )
            )
        others = [entry.name for entry in directory.iterdir() if not OWN_ENTRIES.fullmatch(entry.name)]
        if others or path.name != "journal.db":
            raise refusal(
                Sentence(
                    "The shared journal needs a directory for itself, as in {path}.",
                    path=directory / "ncpconsole/journal.db",
                )
            )
        _give(directory, group, DIRECTORY_MODE)
        owners = directory / "owners"
        owners.mkdir(mode=0o700, exist_ok=True)
        for each in (owners, *owners.iterdir()):
            _give(each, group, DIRECTORY_MODE if each == owners else FILE_MODE)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
        for file in database_files(path):
            if os.path.lexists(file):
                _give(file, group, FILE_MODE)
    except OSError as error:
        raise refusal(
            Sentence("{path} cannot be made: {detail}.", path=error.filename or path, detail=error.strerror)
        ) from error


def group_name(gid: int) -> str:
    """The group's name, or its number where it has none."""
    if sys.platform == "win32":
        return str(gid)
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _give(path: Path, group: int, mode: int) -> None:
    if sys.platform == "win32":
        raise refusal(NEEDS_POSIX)
    os.chown(path, OWNER, group, follow_symlinks=False)
    if path.is_symlink():
        raise refusal(Sentence("{path} is a symbolic link: remove it.", path=path))
    path.chmod(mode)


def _is_member(gid: int) -> bool:
    if sys.platform == "win32":
        raise refusal(NEEDS_POSIX)
    return os.geteuid() == OWNER or gid == os.getegid() or gid in os.getgroups()


def _check_above(directory: Path) -> None:
    """Each directory above is root's, and others write to none, but for one like /tmp."""
    for above in directory.absolute().parents:
        status = above.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise refusal(
                Sentence("{path}, above the shared journal, is a symbolic link: name the directory itself.", path=above)
            )
        open_to_all = status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and status.st_gid != 0)
        if status.st_uid not in trusted_users(OWNER) or (open_to_all and not status.st_mode & stat.S_ISVTX):
            raise refusal(
                Sentence(
                    "{path}, above the shared journal, must belong to root and be writable by nobody else: ask the "
                    "administrator of this machine to correct it (chown root, chmod go-w).",
                    path=above,
                )
            )


def _check_kind(path: Path, status: os.stat_result, is_right: bool, otherwise: str) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise refusal(
            Sentence(
                "{path} is a symbolic link, which a shared journal must not be: ask the administrator to remove it.",
                path=path,
            )
        )
    if not is_right:
        raise refusal(Sentence(otherwise, path=path))


def _check_rights(
    path: Path, status: os.stat_result, group: int, mode: int, command: str, *, of_root: bool = True
) -> None:
    found = stat.S_IMODE(status.st_mode)
    if of_root and status.st_uid not in trusted_users(OWNER):
        wrong = Sentence(
            "{path}, of the shared journal, belongs to uid {uid} instead of root, so it guards nothing for sure: "
            "ask the administrator of this machine to run '{command}' again.",
            path=path,
            uid=status.st_uid,
            command=command,
        )
    elif status.st_gid != group:
        wrong = Sentence(
            "{path}, of the shared journal, belongs to the group {found} instead of {group}, so it guards nothing for "
            "sure: ask the administrator of this machine to run '{command}' again.",
            path=path,
            found=group_name(status.st_gid),
            group=group_name(group),
            command=command,
        )
    elif found != mode:
        wrong = Sentence(
            "{path}, of the shared journal, has the mode {found:04o} instead of {mode:04o}, so it guards nothing for "
            "sure: ask the administrator of this machine to run '{command}' again.",
            path=path,
            found=found,
            mode=mode,
            command=command,
        )
    elif _has_access_list(path):
        wrong = Sentence(
            "{path}, of the shared journal, has an access list, by which more than its group may write it, so it "
            "guards nothing for sure: ask the administrator of this machine to run '{command}' again.",
            path=path,
            command=command,
        )
    else:
        return
    raise refusal(wrong)


def _has_access_list(path: Path) -> bool:
    if not hasattr(os, "listxattr"):
        return False
    try:
        return any(name.startswith("system.posix_acl") for name in os.listxattr(path, follow_symlinks=False))
    except OSError:  # a file system that has none
        return False


def _why_not_this_machine(directory: Path) -> str:
    kind = file_system(directory)
    return kind if kind.startswith(OTHER_MACHINES_TOO) else why_not_local(directory)
