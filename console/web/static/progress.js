// Keeps the tasks of a case up to date while it is carried out. Without it the page is as it was when it was opened.
const place = document.querySelector("[data-progress]");
if (place) {
  const source = new EventSource(place.dataset.progress);
  source.addEventListener("tasks", (event) => { place.innerHTML = event.data; });
  source.addEventListener("over", () => source.close());
}
