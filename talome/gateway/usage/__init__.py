"""What was asked of models: a row for each call, with its tokens, its price and how long it took.

Keeps `usage_rows` in a file of its own (`usage.db`), written in batches; rows older than the household wants are
dropped. Keys see what they asked themselves, people what all of theirs did, administrators everything. Which model
really answered is told to people only. Emits nothing.
"""
