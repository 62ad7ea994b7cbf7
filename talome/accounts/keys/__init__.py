"""API keys: for scripts, MCP clients and apps. Only a digest is kept; a key never has more rights than its owner.

Keeps `api_keys`. Emits `KeyDeleted`.
"""
