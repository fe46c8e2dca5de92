"""Giving up root for good: workers run as mail_owner (postconf(5)).

Only what a worker cannot do without root is done before: binding ports, in the supervisor, and the files that the
supervisor opens for it (edge.supervisor, Control.open).
"""

from __future__ import annotations

import ctypes
import os
import pwd

from gatepost.core.errors import ConfigError, Problem

_PR_SET_NO_NEW_PRIVS = 38


def drop_privileges(user: str, *, no_new_privileges: bool = True) -> Problem | None:
    """Become ``user`` with its groups, irrevocably. Without root there is nothing to drop and nothing happens.

    Returns a warning where there is no such user, for then the process stays root. Raises ConfigError where ``user`` is
    root itself, or where privileges could be taken back. ``no_new_privileges`` also keeps every program that is started
    from gaining any.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        return Problem(f"mail_owner: there is no user {user}: workers go on as root")
    if entry.pw_uid == 0 or entry.pw_gid == 0:
        raise ConfigError((Problem(f"mail_owner: {user} has root's user or group id; workers must not run as root"),))
    os.initgroups(user, entry.pw_gid)
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    if no_new_privileges:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if not _are_gone(entry.pw_uid, entry.pw_gid):
        raise ConfigError((Problem(f"root's privileges could not be given up for {user}"),))
    return None


def _are_gone(uid: int, gid: int) -> bool:
    if os.getresuid() != (uid, uid, uid) or os.getresgid() != (gid, gid, gid) or 0 in os.getgroups():
        return False
    for regain in (os.setuid, os.setgid):
        try:
            regain(0)
        except PermissionError:
            continue
        return False
    return True
