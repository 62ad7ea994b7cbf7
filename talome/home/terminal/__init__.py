"""Terminals: shells on this machine and in containers, and logs that are followed.

The shells belong to a small process of their own (`talome terminal`, the package `process`), so that they outlive a
restart of the server. The server decides who may do what and speaks with it over a unix socket (`link`). Keeps nothing
in the database; recordings are files in the data folder. Emits no events.
"""
