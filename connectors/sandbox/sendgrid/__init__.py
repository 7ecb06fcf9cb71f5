"""SendGrid of the sandbox: v3 erasure jobs, marketing contacts, suppressions. One vendor, and nothing of the framework."""
