"""The browser dashboard: the built app, served from memory. Its sources are in `ui/`, its build in `static/`."""
