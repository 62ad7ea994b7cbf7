"""A small HTTP/1.1 client for the endpoints of models, where a general one costs more than all the rest of a call.

It sends a whole body and gets the head of the answer; the body comes in pieces as large as what has arrived. Names are
looked up by the resolver that is given, connections are kept, and there is no redirect, cookie, proxy, decompression or
caching. Framing is as strict as RFC 9112 allows: what is not understood ends the connection. See docs/decisions/0021.
"""
