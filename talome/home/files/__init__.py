"""Files of the household: folders of the machine that an administrator opens to people (roots), with who may read and
write in each; listing, downloads, uploads, copies, archives, text, thumbnails, trash, favourites and recents.

Everything is reached from the root's open folder without following a link (`engines/beneath`). What takes long is a
journalled job. What is deleted lies in `.talome-trash` of the same disk until it is too old or too much.
Keeps `files_roots`, `files_grants`, `files_trash`, `files_favourites`, `files_recents` and `files_uploads`, and below
the roots names that begin with `.talome-`, which nobody is shown. Emits `RootsChanged` and `FilesChanged`.
"""
