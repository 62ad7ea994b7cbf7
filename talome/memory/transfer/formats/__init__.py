"""What can be read: each module turns one kind of file into lines of an export."""
