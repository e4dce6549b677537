"""The only place with SQL, and with the text files the data comes from."""
