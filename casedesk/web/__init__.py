"""Page plumbing that knows no domain: errors into sentences, locale, forms, keyset pages, security headers, slots."""
