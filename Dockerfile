# One image for all processes: `docker run IMAGE` serves the API; give the command of a worker or the relay, as
# compose.yaml does, for the others.
FROM python:3.12.12-slim-trixie AS packages
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# pg_dump, pg_restore and psql, for `eeds backup` and `eeds restore`
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home eeds \
    && install --directory --owner eeds /var/cache/eeds /var/spool/eeds
WORKDIR /app
COPY requirements.txt .
RUN pip install --require-hashes --requirement requirements.txt
# What libraries keep is where it can be written, for the home directory cannot. Compiled for any CPU, for the image may
# be built on another one.
ENV NUMBA_CACHE_DIR=/var/cache/eeds MPLCONFIGDIR=/var/cache/eeds NUMBA_CPU_NAME=generic

# Compile the meter once, here, and not in every new worker; and only when the meter itself has changed.
FROM packages AS compiled
COPY eeds/__init__.py eeds/
COPY eeds/meter eeds/meter
USER 10001
RUN python -c "from eeds.meter.models.warm_up import warm_up; warm_up()"

FROM packages
COPY . .
# Compiled code is taken for files with the times of those that it was compiled from.
COPY --from=compiled /app/eeds/meter eeds/meter
COPY --from=compiled --chown=10001 /var/cache/eeds /var/cache/eeds
USER 10001
ENV EEDS_ENV=production PORT=8000
EXPOSE 8000
CMD ["gunicorn", "wsgi:app"]
