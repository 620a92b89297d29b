"""The scenario in a browser on this machine: one text, controls that edit it, an answer to it."""
