// Draws the sharing graph, and the map of a person's parties. Where things stand is worked out by the server; what stands under
// it says the same without this.
const shapes = {
  category: "rectangle", purpose: "round-rectangle", party: "ellipse", country: "diamond", system: "round-rectangle", person: "star",
};
let drawn = [];

function look() {
  const colours = getComputedStyle(document.documentElement);
  const of = (name) => colours.getPropertyValue(name).trim();
  return [
    { selector: "node", style: {
      "shape": (node) => shapes[node.data("column")], "width": 20, "height": 20, "background-color": of("--paper"), "border-width": 2,
      "border-color": of("--ink"), "label": "data(label)", "color": of("--ink"), "font-size": 16, "text-valign": "center",
      "text-halign": "right", "text-margin-x": 6, "text-background-color": of("--paper"), "text-background-opacity": .85,
      "text-background-padding": 2, "min-zoomed-font-size": 6 } },
    { selector: "node[column = 'person']", style: { "background-color": of("--accent"), "width": 28, "height": 28 } },
    { selector: "node[state = 'declared']", style: { "border-style": "dashed" } },
    { selector: "node[state = 'erased']", style: { "border-style": "dotted", "opacity": .6 } },
    { selector: "node[state = 'kept']", style: { "border-width": 4 } },
    { selector: "edge", style: {
      "curve-style": "straight", "line-color": of("--accent"), "line-opacity": .4,
      "width": (edge) => 1 + 1.3 * Math.log10(edge.data("count") + 1) } },
    { selector: "edge[?onward]", style: {
      "curve-style": "bezier", "line-color": of("--quiet"), "target-arrow-shape": "triangle", "target-arrow-color": of("--quiet") } },
    { selector: "edge[?drift]", style: { "line-color": of("--late"), "line-style": "dashed", "line-opacity": .7 } },
    { selector: ".apart", style: { "opacity": .12 } },
  ];
}

function draw(place, elements) {
  const graph = cytoscape({
    container: place, elements, layout: { name: "preset", fit: true, padding: 30 }, style: look(),
    minZoom: .05, maxZoom: 3, autoungrabify: true, boxSelectionEnabled: false, userZoomingEnabled: false,
  });
  const middle = () => ({ x: graph.width() / 2, y: graph.height() / 2 });
  const zoom = (by) => graph.zoom({ level: graph.zoom() * by, renderedPosition: middle() });
  const moves = {
    in: () => zoom(1.3), out: () => zoom(1 / 1.3), whole: () => graph.fit(undefined, 30),
    left: () => graph.panBy({ x: 120, y: 0 }), right: () => graph.panBy({ x: -120, y: 0 }),
    up: () => graph.panBy({ x: 0, y: 120 }), down: () => graph.panBy({ x: 0, y: -120 }),
  };
  for (const button of document.querySelectorAll("[data-move]")) {
    button.addEventListener("click", moves[button.dataset.move]);
  }
  const chosen = document.querySelector(".graph-chosen");
  graph.on("tap", (event) => {
    const node = event.target !== graph && event.target.isNode() ? event.target : null;
    graph.elements().removeClass("apart");
    if (node) {
      const near = node.successors().union(node.predecessors()).union(node);
      graph.elements().difference(near).addClass("apart");
    }
    chosen.textContent = node ? chosen.dataset.words.replace("$name", () => node.data("label")) : "";
  });
  if (place.dataset.elements && graph.zoom() < .6) { // on a narrow screen it begins with her, and is moved from there
    graph.zoom(.6);
    graph.center(graph.nodes("[column = 'person']"));
    graph.panBy({ x: 90 - graph.width() / 2, y: 0 });
  }
  drawn.push({ place, graph });
  place.dataset.drawn = graph.nodes().length;
}

function show(selector) {
  for (const each of document.querySelectorAll(selector)) { each.hidden = false; }
}

function elementsOf(place) {
  if (place.dataset.elements) { return Promise.resolve(JSON.parse(place.dataset.elements)); }
  return fetch(place.dataset.graph, { credentials: "same-origin" })
    .then((answer) => answer.ok ? answer.json() : Promise.reject(answer.status));
}

// A part of the page may be there anew: what was drawn in the old one is let go.
function begin() {
  drawn = drawn.filter(({ place, graph }) => place.isConnected || graph.destroy());
  const place = document.querySelector(".graph:not([data-begun])");
  if (!place) { return; }
  place.dataset.begun = "";
  elementsOf(place)
    .then((elements) => { show(".graph, .graph-controls, .graph-legend"); draw(place, elements); })
    .catch(() => show(".graph-failed"));
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach(({ graph }) => graph.style(look())));
document.addEventListener("htmx:afterSwap", begin);
begin();
