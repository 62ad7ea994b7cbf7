"""What runs on this machine without Talome: Compose projects and containers made by hand, by Portainer, Dockge, CasaOS,
Umbrel and others. It is listed from memory, and shown as the app that it would be; taking it over is a job of `apps`.

Keeps nothing and emits nothing of its own.
"""
