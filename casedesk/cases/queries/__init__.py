"""What a reader sees of cases: frozen page values made of plain rows, within a fixed number of statements."""
