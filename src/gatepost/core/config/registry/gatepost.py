"""Our own parameters. One more is one more line; its name begins with ``gatepost_``."""

TABLE = """
gatepost_journal_directory | text | $gatepost_state_directory/journal | Where the journal keeps its files, one a day.
gatepost_nameservers | words | | Name servers to ask, as ADDRESS or ADDRESS:PORT; empty: those of /etc/resolv.conf.
gatepost_own_addresses | words | | The addresses of inet_interfaces on this machine; found out, not to be set.
gatepost_state_directory | text | /var/lib/gatepost | Spool, journal and whatever else must outlive the process.
gatepost_workers | number | 0 | How many worker processes serve; 0 means one for each processor core.
"""
