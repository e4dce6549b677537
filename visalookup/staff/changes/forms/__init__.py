"""Forms of the console: from typed fields to an amendment in the shape of the data files, and back."""
