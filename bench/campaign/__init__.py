"""The whole product on real servers, under load, faults and attack, and a judge that believes none of it.

`python -m bench.campaign --minutes 60 --persons 1000000 --seed 1` drives a simulated shop through Kafka, Neo4j and
PostgreSQL with two workers, the console and the sandbox, and in the end compares what each party has, what the graph
answers and what the certificates claim with what the simulator knows. It is a measurement and a test of the product; no
part of the product may import it.
"""
