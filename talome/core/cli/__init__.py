"""The command line as a reader of operations: `talome <feature> <verb>` asks a running server over HTTP.

`catalog` finds features in the source without importing them, so that help is quick; `flags` turns one operation into
flags and a request; `client` speaks HTTP; `login` keeps the token; `text` and `render` write for people; `main` is
where they meet. What belongs to the product alone (`serve`, `doctor`) is given to `main` from above.
"""
