"""What people type about cases: well-formed or answered with a sentence, and nothing typed lost."""
