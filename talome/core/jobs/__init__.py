"""Long work: it answers after validation and goes on as a job with stage, progress and log, seen by every tab.

Work that changes the machine is a journal of steps. Each step is written down before it runs, with what undoes it,
so that after a crash the journal is resolved at start: carried on to the end, or undone. Old or new, never neither.
Keeps `jobs`, `job_steps` and `job_log`; emits `JobChanged`.
"""
