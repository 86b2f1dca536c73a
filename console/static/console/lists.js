// The address of a filtered list says what is asked for, and nothing of what is not.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-list-filters]")) return;
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});
// Back from a page, the browser may show the form as it was sent.
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("[data-list-filters] :disabled")) field.disabled = false;
});

// What popped up goes away with Escape, or a click elsewhere.
const close = (pop) => {
  pop.open = false;
};
document.addEventListener("keydown", (event) => {
  const pop = event.key === "Escape" && event.target.closest("[data-pop][open]");
  if (!pop) return;
  close(pop);
  pop.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const pop of document.querySelectorAll("[data-pop][open]")) if (!pop.contains(event.target)) close(pop);
});

// Of many views, the one that is open is in sight.
document.querySelector(".desk-view-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// On a phone a row is a card: each of its cells then says which column it is of.
const headers = [...document.querySelectorAll("#result_list thead th")];
const labels = headers.map((header) => header.querySelector(".text")?.innerText.trim());
for (const row of document.querySelectorAll("#result_list tbody tr.data-row")) {
  for (const [index, cell] of [...row.cells].entries()) if (labels[index]) cell.dataset.label = labels[index];
}
