"""The apps that people of this house wrote: made, changed, exported and thrown away; offered as the store “Yours”.

Each is a folder in Talome's own format, `user-apps/apps/<id>` with `app.yml` and `compose.yml`, that is there whole or
not at all. What would not be taken from any other store is refused before anything is written. Emits nothing of its
own; the store's sync emits `CatalogChanged`.
"""
