"""Listening unix sockets of our own, in a directory that keeps strangers out."""

from __future__ import annotations

import os
import socket
from pathlib import Path

BACKLOG = 128


def listen_privately(path: Path, kind: socket.SocketKind) -> socket.socket:
    """A listening socket that replaces what an earlier run left; whoever gets through to it may connect.

    For a process without threads: the mode comes from the umask, because setting it afterwards would follow a link
    that the directory's owner has put in the socket's place. Raises OSError.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, kind)
    before = os.umask(0o111)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        os.umask(before)
    listener.listen(BACKLOG)
    return listener
