"""The first version of the JSON interface; its names are fixed."""
