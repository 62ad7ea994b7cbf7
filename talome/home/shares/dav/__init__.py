"""WebDAV, classes 1 and 2 (RFC 4918): the roots of files as a drive of phones and desktops. Deleting goes to the trash;
locks live in memory and end with the server; a PROPFIND of infinite depth is refused."""
