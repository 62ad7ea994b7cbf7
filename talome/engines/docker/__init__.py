"""Docker Engine (20.10 to 29) as typed asynchronous calls.

Code elsewhere depends on `protocol.ContainerEngine`; only the composition root builds a `Docker`.
"""
