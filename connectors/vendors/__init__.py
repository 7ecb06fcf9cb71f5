"""Connectors of single vendors, each by the vendor's own interface; what is shared by all is in `connectors`."""
