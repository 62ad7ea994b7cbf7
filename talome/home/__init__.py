"""The machine and what runs on it: containers, networks, images, volumes, figures, health, settings and jobs."""
