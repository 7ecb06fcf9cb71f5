"""Answers to a person: what is known of her (GDPR Art. 15) and what she may take along (Art. 20).

Pure models, and their words in her language. Opens no store by itself, draws no page and sends nothing.
"""
