"""The machine: live figures, health in a sentence with what to do, and graphics cards.

One probe serves all watchers, however many there are. Keeps nothing on disk and emits nothing.
"""
