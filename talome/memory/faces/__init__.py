"""Other APIs of the same notes: ChaozCode's `/v2/memory` and Talome's `/api/memories`. They keep nothing themselves:
what is written through one is found through all. The id that a client of `/v2` chose is the note's `external_id` there.
"""
