"""Docker's volumes: list with sizes, and removal of unused ones, each kept first as a tar in the dated trash, from
where it can come back until the trash is emptied: by hand, or daily of what is older than a setting says.

Keeps `trash/<date>/volumes/<name>.tar` and how to create the volume again beside it, under Talome's data folder; emits
nothing. Removal and restoring are jobs: cancelled or broken off, they put things back as they were. A volume that any
container names, running or not, is never touched.
"""
