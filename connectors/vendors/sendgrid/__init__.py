"""SendGrid: mail data, contacts and suppressions. `calls` speaks its interface; the others say what a right comes to there."""
