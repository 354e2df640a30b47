"""Locks between the processes of one cache folder."""

import fcntl
import threading
from contextlib import contextmanager

_guards = {}
_handles = {}


@contextmanager
def lock(cache, name, blocking=True):
    """Hold a lock between processes and threads; its thread may take it again.

    :raises BlockingIOError: when it is not free and `blocking` is not set.
    """
    guard = _guards.setdefault(name, threading.RLock())
    if not guard.acquire(blocking):
        raise BlockingIOError(name)
    try:
        if name in _handles:
            yield
            return
        folder = cache / "lock"
        folder.mkdir(exist_ok=True)
        with (folder / name).open("w", encoding="utf-8") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if blocking else fcntl.LOCK_NB))
            _handles[name] = handle
            try:
                yield
            finally:
                del _handles[name]
    finally:
        guard.release()
