"""What is done to customers and people."""
