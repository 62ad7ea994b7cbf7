"""Answers of models, in the words of every client: chat, messages, responses, completions, embeddings, pictures, sound,
films. Each goes one way: route, cache, reserve, ask with fallback before the first byte, settle.

Keeps nothing of its own and emits nothing; money and usage are the wallet's.
"""
