"""The kernel: operations and their readers, database, events, jobs, settings, secrets, logs.

It knows nothing of the product.
"""
