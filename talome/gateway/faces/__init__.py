"""The words of each kind of client: OpenAI's chats, responses, completions; Anthropic's messages; ChaozCode's queries.

A face turns its request into a chat, and the answer back. Keeps nothing, emits nothing.
"""
