"""Questions, views, places and regimes as JSON."""
