"""What is on the disks: drives and their health, file systems, arrays and pools, who takes up the room, what can be
cleared, when a disk will be full, and mounting of removable disks and network shares.

Keeps the last measurement of who takes up the room (`cache/usage.json`), and the mounts that people asked for, the
passwords of network shares sealed; emits nothing. Measuring, clearing and mounting are jobs. Mount points lie outside
Talome's data folder, so that removing the folder never reaches into somebody's disk.
"""
