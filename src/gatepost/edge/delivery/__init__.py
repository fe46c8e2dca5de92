"""Delivery: the runner takes mails from the spool, and agents, one a file, hand them on."""
