"""How often a key or a person may ask in a minute, and how many streams may be open at once.

The guard of the HTTP server counts each request here, so that every answer tells what is left, whatever route it came
from. Keeps its counters in memory only. Emits nothing.
"""
