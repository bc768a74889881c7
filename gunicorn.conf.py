"""gunicorn's settings for `gunicorn wsgi:app`; PORT and WEB_CONCURRENCY are read by gunicorn itself."""

# Threads: uploads and streams wait for the network and the database, and Postgres does the work.
worker_class = "gthread"
threads = 4
# Nobody manages it but its supervisor, and two of one user would take the same socket in the home directory.
control_socket_disable = True
# A large upload keeps its thread busy, not its worker: the timeout catches workers that hang.
timeout = 120
graceful_timeout = 20
# Keep each worker's memory in bounds whatever it has served.
max_requests = 10_000
max_requests_jitter = 1_000
