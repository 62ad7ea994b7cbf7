"""Containers of the Docker engine: what there is, what it uses, and what can be done with it.

One subscription to Docker's events keeps an in-memory mirror from which lists, details and streams are served; a resync
repairs it and it outlives every restart of Docker, marked stale with the reason. A sampler reads cgroup files. The
latest events of each container are remembered while Talome runs.
Keeps nothing on disk. Emits `ContainerChanged`, `ContainerRemoved`, `EngineStateChanged` and `UsageSampled`.
"""
