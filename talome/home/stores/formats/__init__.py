"""Readers of store formats. Each turns a folder into `AppManifest`s, without a network, a process or a shell."""
