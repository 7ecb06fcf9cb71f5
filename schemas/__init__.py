"""What is said: the annotated Avro schemas of the events, their codec and what an event says. A leaf: imports none of ours."""
