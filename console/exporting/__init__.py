"""The sharing graph in formats that other tools read. Pure mappings from shapes; counts only, never a person."""
