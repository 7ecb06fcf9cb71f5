"""The graph in Neo4j 5 or newer, for shops that outgrow one machine. The only home of its driver and of Cypher."""

from lineage.stores.neo4j.connecting import Neo4jAccess
from lineage.stores.neo4j.graph import Neo4jGraph

__all__ = ["Neo4jAccess", "Neo4jGraph"]
