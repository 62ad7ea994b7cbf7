"""Who answers: keys for providers on the internet, and endpoints in the own network, with their health.

Keeps keys and headers sealed, each tied to its origin; addresses of local endpoints, looked up once and pinned; models
that each offers; its last success and failure. Emits `OffersChanged`. A secret is never told again.
"""
