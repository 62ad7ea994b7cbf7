"""The terminal process: owns the shells and outlives the server. It imports neither pydantic nor aiohttp nor the SDK.

`main` puts it together; `sessions` holds what runs, `sources` where the bytes come from, `viewers` who looks at them,
`control` the unix socket of the server and `direct` the port for WebSockets.
"""
