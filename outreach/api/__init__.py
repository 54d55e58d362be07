"""What the phone app will speak: rounds of tonight, sealed drafts in, a receipt out. It answers codes and repeats nothing it was sent."""
