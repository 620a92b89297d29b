"""Past trade and past agreements."""
