"""Kafka: how it is reached, its topics, how far a group is behind, publishing, and the bus that the agents run on."""
