"""Postfix's access control: verdicts, actions, the list parser and the engine (postconf(5), access(5))."""
