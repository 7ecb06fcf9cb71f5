"""Stripe's redaction jobs: personal data is taken out of the objects of a payment. Nothing else of Stripe's is spoken."""
