"""Files beyond the dashboard: links that open without an account, WebDAV at `/dav/`, and network folders (SMB).

Keeps the links (only a digest of each address), properties that WebDAV clients set, and who may use network folders;
emits nothing. A link never gives more than its maker may do now, and WebDAV not more than the API key.
"""
