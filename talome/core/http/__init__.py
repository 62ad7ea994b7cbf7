"""HTTP as a reader of operations: routes, guards before them, errors in dialects, streams, a live socket."""
