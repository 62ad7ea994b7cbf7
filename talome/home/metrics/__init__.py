"""History of the machine and of each container: processor, memory, disk and network over 30 days.

Samples every 15 seconds are kept for 6 hours and rolled up to 1 minute, 10 minutes and 1 hour, in the second database
file (`metrics.db`): whole numbers, one row for each thing and moment. Containers are known by name, so that their
history outlives an update. Emits nothing.
"""
