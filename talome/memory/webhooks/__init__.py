"""Webhooks: what happens in the memory, told to addresses that people chose, signed, and at least once.

Keeps, in `memory.db`, `webhooks` (address and signing secret sealed), `webhook_events` (the outbox: written in the
transaction that it tells of) and `webhook_deliveries` (what was sent, what waits, and what was given up). Emits
`OutboxFilled` for its own sender. Sending is a loop beside the requests, so that no write ever waits for somebody
else's server. An event keeps its id in every attempt, so that receivers can tell a repetition.
"""
