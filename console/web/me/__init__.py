"""The customers' own pages: where her data is, what she asks for, and how that stands. Staff have no way to them."""
