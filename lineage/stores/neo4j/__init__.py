"""The graph and the cases in Neo4j 5 or newer, for shops that outgrow one machine. The only home of its driver and of Cypher."""

from lineage.stores.neo4j.connecting import Neo4jAccess
from lineage.stores.neo4j.graph import Neo4jGraph
from lineage.stores.neo4j.journal import Neo4jJournal

__all__ = ["Neo4jAccess", "Neo4jGraph", "Neo4jJournal"]
