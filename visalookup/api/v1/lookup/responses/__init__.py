"""The answers as JSON: each shape declared once, beside the function that makes it.

The description of the interface is derived from these declarations (`visalookup.api.response_schemas`), and mypy holds
the functions to them. The order of members in a function is the order in the JSON: ETags and receipts rest on it.
"""
