"""What mem0 keeps: the JSON that it exports, and its history in SQLite.

The vector store of its local mode (Qdrant's) holds Python pickles, which run code when they are read, so it is not.
"""
