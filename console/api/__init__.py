"""The HTTP API, for reading: who may ask, what can be asked, how it is answered and written down. Changes no record."""
