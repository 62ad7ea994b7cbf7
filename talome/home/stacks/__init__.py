"""Stacks: apps of one store that work together, installed in one go and wired as far as that needs no person.

A store in Talome's format has them in `stacks/<id>.yml`. An installation is a job that has the missing apps installed
one after the other, each by a job of its own; an app that is there stays, whatever becomes of the others. Keeps nothing
of its own, and emits nothing.
"""
