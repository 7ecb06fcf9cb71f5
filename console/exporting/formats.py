"""The formats there are, by name. Each is a pure mapping of the sharing graph's shape; `names` has the names alone."""

from collections.abc import Callable, Mapping

from console.exporting.ends import Exported
from console.exporting.fideslang import fideslang
from console.exporting.openlineage import openlineage
from console.exporting.prov import prov
from console.exporting.tables import edges_csv, graphml
from console.shapes import Shape
from lineage.register import Register

FORMATS: Mapping[str, Callable[[Shape, Register], Exported]] = {
    "csv": edges_csv,
    "fideslang": fideslang,
    "graphml": graphml,
    "openlineage": openlineage,
    "prov": prov,
}
