"""Workspaces: the named areas of one person's account, such as a customer, a team or a try-out.

Keys, provider keys, endpoints, usage and memory can be bound to one; it has a monthly budget and may be kept to models
inside the house. Keeps `workspaces`, all of them in memory too, since each call of the gateway asks for one. Emits
nothing.
"""
