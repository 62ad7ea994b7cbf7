"""Who may do what: users, sessions, API keys, and the log of what was done."""
