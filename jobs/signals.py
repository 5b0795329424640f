"""The only signal we define: something happened to jobs, and it is committed.

Sent with ``event_ids``, the primary keys of the new events. A shortcut, never the guarantee: a periodic sweep finds
every event nobody announced.
"""

from django.dispatch import Signal

job_event_recorded = Signal()
