"""Talome: a self-hosted control plane for a household's server."""

__version__ = "0.1.0"
