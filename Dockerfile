# One image for all processes: `docker run IMAGE` serves the API; give the command of a worker or the relay, as
# compose.yaml does, for the others.
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt .
RUN pip install --require-hashes --requirement requirements.txt
COPY . .
RUN useradd --create-home eeds && install --directory --owner eeds /var/cache/eeds
USER eeds
# Compile the meter once, here, and not in every new worker: for any CPU, for the image may be built on another one.
ENV NUMBA_CACHE_DIR=/var/cache/eeds NUMBA_CPU_NAME=generic
RUN python -c "from eeds.meter.models.warm_up import warm_up; warm_up()"
ENV EEDS_ENV=production PORT=8000
EXPOSE 8000
CMD ["gunicorn", "wsgi:app"]
