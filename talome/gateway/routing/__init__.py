"""Chooses who answers a request: by rules, without any call, in microseconds.

Keeps in memory which endpoint a conversation went to; emits nothing.
"""
