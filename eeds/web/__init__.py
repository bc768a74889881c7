"""HTTP: context of a request, errors as answers, negotiation, idempotency, limits, telemetry."""
