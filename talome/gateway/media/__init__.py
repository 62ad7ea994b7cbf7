"""What models make and read beside chats: vectors, pictures, speech, what was said, films.

Keeps nothing: the id of a film is sealed and holds where it is being made. Emits nothing.
"""
