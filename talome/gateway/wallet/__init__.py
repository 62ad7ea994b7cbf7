"""Who pays for a call: each person's wallet, and the monthly budgets of keys and workspaces.

A call is reserved for at the most it can cost before it leaves, and settled with what it did cost, once, whatever
became of it. What is free is not reserved for, only written into the usage. Memory decides, a file of its own
(`wallet.db`, synchronous=FULL) remembers: `wallets`, `wallet_grants`, `wallet_charges` and `wallet_spending`. A start
lets go of what was reserved when the process was killed. Emits nothing.
"""
