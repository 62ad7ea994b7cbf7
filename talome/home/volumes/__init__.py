"""Docker's volumes: list with sizes, and removal of unused ones, each kept first as a tar in the dated trash.

Keeps `trash/<date>/volumes/<name>.tar` under Talome's data folder; emits nothing. A removal is a job: cancelled or
broken off, it puts volumes and their content back. A volume that any container names, running or not, is never touched.
"""
