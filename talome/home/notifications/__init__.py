"""What happened while nobody looked: Docker gone and back, containers that died or are unwell, health checks that
turned, jobs that failed, sign-ins from new places.

Keeps `notifications`, a row for each receiver, and `notification_places`, where a person has signed in from. What comes
again within a day is the same row with a higher count. Emits `NotificationChanged` and `NotificationsRead`.
"""
