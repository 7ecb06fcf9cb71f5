"""Stripe of the sandbox: redaction jobs of its preview, and the objects they redact. One vendor, nothing of the framework."""
