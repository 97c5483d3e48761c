"""Files: reading foreign tables, writing exports, and doing both safely."""
