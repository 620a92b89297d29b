"""Past trade forecast from a past year, and how good the forecasts were."""
