"""Transactions of one SQLite connection: each write one of its own, or one with others in a block. Knows no table.

A commit waits for the disk; what is written together waits once.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from lineage.stores.files import transaction, translated


class Blocks:
    """Guards a connection that threads share: whoever writes or asks waits until another one's block is over."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        """`name` is that of the file, for messages."""
        self._connection, self._name, self._lock = connection, name, RLock()
        self._open = False
        self._lost: BaseException | None = None
        """What broke the open block: nothing of it can be kept any more, and what else is written in it would be alone."""

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask something. Raises as `translated`."""
        with self._lock, translated(self._name):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write something wholly or not at all; within a block of this thread it is on disk when that is over, not before.

        Raises: as `translated`.
        """
        with self._lock:
            if not self._open:
                with transaction(self._connection, self._name):
                    yield
                return
            with translated(self._name), self._act():
                yield

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep all that this thread writes in the block in one transaction; nothing of it where the block is left by an error.

        A block within another is part of that. The transaction begins with the first that is written.

        Raises: as `translated`; what broke the transaction, also where whoever wrote has passed over it.
        """
        with self._lock:
            if self._open:
                yield
                return
            self._open, self._lost = True, None
            try:
                with translated(self._name), self._whole():
                    yield
            finally:
                self._open = False

    @contextmanager
    def _whole(self) -> Iterator[None]:
        try:
            yield
            self._check()
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _check(self) -> None:
        if self._lost is not None:
            raise self._lost

    @contextmanager
    def _act(self) -> Iterator[None]:
        self._check()  # not tried again: each would wait as long for a file that is busy
        try:
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("SAVEPOINT act")
        except BaseException as fault:
            self._lost = fault
            raise
        try:
            yield
            self._connection.execute("RELEASE act")
        except BaseException as fault:
            self._undo(fault)
            raise

    def _undo(self, fault: BaseException) -> None:
        """Take an act back. Some errors, of a full disk for one, have SQLite give up the whole transaction: then all is lost."""
        try:
            self._connection.execute("ROLLBACK TO act")
            self._connection.execute("RELEASE act")
        except sqlite3.Error:
            self._lost = fault
