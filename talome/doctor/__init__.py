"""`talome doctor`: does this machine have what Talome needs, and if not, what is to be done?

Each check is one function that looks at one thing and returns a `Finding`; `command` runs them all.
"""
