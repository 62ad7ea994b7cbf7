"""Services: how Talome's own parts and all containers are doing, in one list. Keeps nothing and emits nothing."""
