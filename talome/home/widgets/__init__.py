"""What a person has put on the Home page: their own widgets, and how all cards are arranged.

A widget is a manifest: words, numbers and the name of an operation that reads. There is nothing in it to run, and
nothing to fetch from elsewhere; the page asks the operation itself, with the rights of the person who looks. Keeps
`widgets` and `widget_layouts`, emits nothing.
"""
