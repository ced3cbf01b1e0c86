"""What a party sees behind its link, and what the desk sees of links: plain values, few statements."""
