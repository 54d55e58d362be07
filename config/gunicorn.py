"""How gunicorn serves the web: two processes of four threads that wait for nobody, no access log, no URL in any line."""

import gc
import logging
import multiprocessing
import os
from typing import Any

from config.logging import dictionary
from config.memory import keep_off_disk

keep_off_disk()  # gunicorn ends a worker that hangs with SIGABRT, which is how a core file is asked for

wsgi_app = "config.wsgi"
# Up to three connections a thread, 2 to 11 MB of PostgreSQL each; Django opens them again when somebody asks.
raw_env = ["PGOPTIONS=-c idle_session_timeout=60s"]
worker_class = "config.waiting.Worker"
workers = int(os.environ.get("MARAUDES_WEB_WORKERS", min(2, multiprocessing.cpu_count())))
threads = 4
preload_app = True  # loaded once, shared by all processes; config/starting.py closes the connections that its checks opened
timeout = 60
graceful_timeout = 10
keepalive = 5
max_requests = 20000
max_requests_jitter = 2000
limit_request_line = 2048
limit_request_field_size = 24 * 1024  # the counts of two people who share a phone are one line of cookies
sendfile = False  # an answer is collected before it leaves
accesslog = None
# gunicorn believes whoever speaks through a Unix socket: no header may rename the path.
forwarder_headers = ""
control_socket_disable = True  # nobody steers the server from outside its own process
logconfig_dict = dictionary("INFO")
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 — gunicorn's heartbeat files, no content

log = logging.getLogger("maraudes.web")


def when_ready(_server: Any) -> None:
    gc.collect()
    gc.freeze()  # the collector of a process forked from this one copies no page of what it will never free
    log.info("web.ready", extra={"count": workers})


def worker_abort(_worker: Any) -> None:
    """A worker that did not answer within `timeout` is ended."""
    log.error("web.worker_timeout")


def on_exit(_server: Any) -> None:
    log.info("web.stopped")
