"""Real mail software as the oracle: Postfix, Postgrey and policyd-spf, each in a namespace of its own."""
