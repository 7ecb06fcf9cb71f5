"""The stores: SQLite files for the graph and for the key ring. Each translates its library's errors into ours."""
