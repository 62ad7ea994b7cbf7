"""Web push: notifications on a person's devices, also while no page is open.

Keeps `push_subscriptions` (endpoint and keys sealed) and `push_keys` (the server's own key, sealed). Emits nothing.
Messages go only to the push services of the known browsers and to servers that an administrator lists.
"""
