"""Liveness of other consoles, by OS file locks: tells orphaned intents from open ones."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ncpconsole.core.journal.files import unavailable
from ncpconsole.core.records import new_id

if TYPE_CHECKING:  # taken once something is claimed: it takes 10 ms to load
    from filelock import FileLock

ACQUIRE_SECONDS = 2.0


class ProcessLocks:
    """Liveness of the consoles that claimed something: one lock file each, in ``owners/`` beside the journal.

    The operating system releases a lock when its process ends in any way, SIGKILL included, so a process id
    that was given out again never passes for a living console. Raises JournalUnavailable when locks fail.
    """

    def __init__(self, journal: Path, mode: int = 0o600) -> None:
        """``mode`` is that of the lock files; those of a shared journal are their group's too."""
        self._journal = journal
        self._mode = mode
        self._directory = journal.parent / "owners"
        self._own = ""
        self._lock: FileLock | None = None

    def acquire(self) -> str:
        """This console's owner id; its lock is taken at the first call."""
        if self._lock is None:
            own = new_id()
            try:
                self._directory.mkdir(mode=0o700, exist_ok=True)
                lock = self._lock_of(own)
                # Waits a moment: a console that cleans up may have the new file in its hand just now.
                lock.acquire(timeout=ACQUIRE_SECONDS)
            except (OSError, NotImplementedError) as error:  # a time-out is an OSError too
                raise unavailable(self._journal, error) from error
            self._own, self._lock = own, lock
        return self._own

    def is_alive(self, owner: str) -> bool:
        """Whether the console with this id still runs."""
        if owner == self._own and self._lock is not None:
            return True
        with self._probe(self._directory / f"{owner}.lock") as is_free:
            return not is_free

    def is_held(self, owner: str) -> bool:
        """Whether the console with this id still runs, asked of a directory in which nothing must be made."""
        return (self._directory / f"{owner}.lock").exists() and self.is_alive(owner)

    def clean_up(self, still_needed: Collection[str]) -> None:
        """Remove the lock files of consoles that ended, but for owners that still have something open."""
        for path in sorted(self._directory.glob("*.lock")):
            if path.stem == self._own or path.stem in still_needed:
                continue
            with self._probe(path) as is_free:
                if is_free:
                    # Removed while held: whoever opened it before finds the name gone and takes a new file.
                    with suppress(OSError):
                        path.unlink()

    def release(self) -> None:
        """Release the lock; what this console left open is an orphan from now on."""
        if self._lock is not None:
            path = self._directory / f"{self._own}.lock"
            with suppress(OSError):
                path.unlink()
            self._lock.release()
            self._lock = None

    def _lock_of(self, owner: str) -> FileLock:
        # thread_local=False: the hold belongs to the process. No fall-back to a lock that is only a file's
        # existence: it would outlive a killed console.
        from filelock import FileLock

        return FileLock(self._directory / f"{owner}.lock", mode=self._mode, thread_local=False, fallback_to_soft=False)

    @contextmanager
    def _probe(self, path: Path) -> Iterator[bool]:
        """Hold the lock for a moment, if it is free; gives whether it was."""
        lock = self._lock_of(path.stem)
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            self._acquire_now(lock)
        except TimeoutError as error:
            if error.errno is not None:  # not that of the lock, which somebody holds, but of a file system
                raise unavailable(self._journal, error) from error
            yield False
            return
        except (OSError, NotImplementedError) as error:
            raise unavailable(self._journal, error) from error
        try:
            yield True
        finally:
            lock.release()

    @staticmethod
    def _acquire_now(lock: FileLock) -> None:
        """Without waiting, but for the moment in which another user's new file has not its mode yet."""
        give_up = time.monotonic() + ACQUIRE_SECONDS
        while True:
            try:
                lock.acquire(blocking=False)
            except PermissionError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.01)
            else:
                return
