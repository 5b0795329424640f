"""How gunicorn serves Portico: ``gunicorn -c config/gunicorn.py config.wsgi``.

Processes, not threads: Unfold keeps the state of a request on objects that threads would share.
"""

import multiprocessing
import os
from pathlib import Path

_YES = ("1", "true", "yes", "on")
_production = os.environ.get("PORTICO_PRODUCTION", "").strip().lower() in _YES
_behind_proxy = os.environ.get("BEHIND_PROXY", "1" if _production else "0").strip().lower() in _YES

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
worker_class = "sync"
workers = int(os.environ.get("WEB_CONCURRENCY") or (2 * multiprocessing.cpu_count() + 1 if _production else 2))
# Load the application once and share it: less memory, and a mistake in the settings stops the start.
preload_app = True
# A page that takes longer than this has failed; long work belongs to the background worker.
timeout = 60
graceful_timeout = 8
# Worker processes are renewed now and then, not all at once.
max_requests = 2000
max_requests_jitter = 400
# The heartbeat file of a worker must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# The same proxies as the application trusts (audit.address), unless it is told otherwise; none where there is none.
_proxies = (os.environ.get("TRUSTED_PROXIES") or "127.0.0.1,::1") if _behind_proxy else ""
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or _proxies
# Portal links, invitations and stops open something: no line holds their tokens.
logger_class = "config.access_log.MaskingLogger"
accesslog = os.environ.get("ACCESS_LOG") or None
loglevel = "info" if _production else "warning"
# Nothing of ours talks to it, and it would be a file outside of our folder.
control_socket_disable = True
