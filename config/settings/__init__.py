"""One module for each place the application runs: dev, test, production; base holds what they share."""
