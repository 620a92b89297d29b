"""Parts that every page is made of: blocks, figures, style, amounts."""
