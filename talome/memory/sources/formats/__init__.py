"""The readers of sources: each takes an open file and gives its titles and pieces of text with their place. They run
only in the process of `read_process`, since what they read is hostile."""
