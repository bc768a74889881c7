"""What `gunicorn wsgi:app` serves."""

from eeds.app import create_app

app = create_app()
