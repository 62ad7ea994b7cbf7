"""Uploads: whole ones in a form, and such that can be broken off and gone on with, by tus 1.0 (tus.io/protocols).

What has arrived lies beside where it will be, as `.talome-part-<id>`, and gets its name when it is whole. Keeps
`files_uploads` of `talome.home.files`; emits `FilesChanged`.
"""
