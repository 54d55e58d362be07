"""What the phone app will speak: rounds of tonight, sealed drafts in, a receipt out. Its errors are codes and echo nothing."""
