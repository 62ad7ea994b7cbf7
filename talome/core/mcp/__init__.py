"""`POST /mcp`: the registry's tools over the Model Context Protocol's Streamable HTTP.

`messages` knows JSON-RPC and the protocol's revisions, `endpoint` serves them. Nothing is kept between requests: a
session's id only tells one client's request numbers from another's, so that a cancellation finds the right call.
"""
