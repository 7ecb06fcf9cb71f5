"""What people see: the command line. Asks and prints; decides nothing."""
