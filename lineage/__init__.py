"""What is true: facts, persons, the register, and the answers drawn from them. Knows no Kafka, no HTTP and no console."""
