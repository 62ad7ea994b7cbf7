"""Stores of apps: where they come from, what they hold, and the one catalog of them all.

A source is a git repository, a ZIP, the static files of a CasaOS store or a folder of this machine, in one of the
formats of `formats`. A sync is a job: it fetches into a fresh folder, has a process of its own read what changed, and
swaps the catalog in one transaction. A sync that fails leaves the old catalog. The catalog is searched in memory.

Keeps `stores` and `catalog_apps`, `stores/<store>/<sync>` and `cache/icons` under Talome's data folder; emits
`CatalogChanged`.
"""
