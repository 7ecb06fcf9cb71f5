"""How a party is told. Nothing is sent to any party yet; the folder holds the place in the order of imports."""
