"""SMTP without I/O: grammar, commands, content, and the server's session (RFC 5321)."""
