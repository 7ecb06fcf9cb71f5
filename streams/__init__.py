"""What happens when: the bus, the agents on it, and the simulated shop. The only home of Faust."""
