"""The one thing that anybody may ask: whether the server answers."""
