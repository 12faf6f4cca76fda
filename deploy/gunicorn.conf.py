"""gunicorn behind nginx: `gunicorn -c deploy/gunicorn.conf.py`. GUNICORN_CMD_ARGS overrides a line."""

import multiprocessing

wsgi_app = "alashan_portal.wsgi:application"
bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = multiprocessing.cpu_count() + 1
threads = 4
timeout = 60  # longer work is a job
graceful_timeout = 20
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
# nginx writes the access log; two logs with addresses are one too many.
accesslog = None
errorlog = "-"
proc_name = "alashan-portal"
control_socket_disable = True  # systemd controls it, and its home is closed to it
