"""Letters and their mails: rendered by the worker, kept by digest, sent from the outbox."""
