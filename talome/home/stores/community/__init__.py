"""Giving an own app to others: as a folder in a store that lies on this machine, such as a git work tree, or as a patch
file that whoever keeps a store applies with `git am`.

Keeps `submissions`, what was given to whom; emits nothing. Publishing to a folder is a job that leaves the old app or
the new one.
"""
