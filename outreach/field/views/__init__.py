"""Pages of the field. A view reads the clock once, parses, delegates and answers; it knows no rule."""
