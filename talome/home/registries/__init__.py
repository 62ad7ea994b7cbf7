"""Sign-ins for private image registries: used whenever an app's images are fetched or asked for.

Keeps for each registry a user name and a sealed password, and when it last let us in or refused; emits nothing. A
password is tried before it is kept, goes to its own registry only, and is never told again.
"""
