"""One box that finds apps, containers, settings, files and whatever else somebody may see.

`service` asks several finders at once, each within the rights of who asks, and puts what they found in one order. The
files have an index of their own (`index`, kept up by `indexer`): names, and the words of small documents. Keeps
`search.db` in the data folder, which can be deleted at any time. Emits no events.
"""
