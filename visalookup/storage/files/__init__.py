"""The reviewable text files in `data/`: reading them, every fault with its line, and writing them back."""
