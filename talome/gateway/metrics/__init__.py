"""What the gateway does, in numbers: for Prometheus at `/metrics`, and for people as it happens.

Keeps counters in memory since the start, and emits nothing.
"""
