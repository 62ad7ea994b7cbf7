"""One module for each outside thing Talome drives: no policy, no storage, only errors of `talome.core` going up."""
