"""The spool: what was answered 250 is kept here until it is delivered or bounced.

One shard, a directory, per worker process:

    lock               held by the process that serves the shard
    spool.sqlite3      mails, small contents included (WAL, synchronous=FULL)
    large/QUEUEID      contents that do not fit into memory
    damaged-TIME/      a database that could not be read, set aside

``Spool`` is the worker's own door, ``listing`` everyone else's (``gatepost queue``).
"""

from gatepost.edge.spool.incoming import Incoming
from gatepost.edge.spool.mail import Mail
from gatepost.edge.spool.store import Gone, Spool

__all__ = ["Gone", "Incoming", "Mail", "Spool"]
