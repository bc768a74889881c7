"""gunicorn's worker: requests are received and answers are sent without a thread, however slow the client is."""
