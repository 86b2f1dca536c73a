import { morph } from "../console/morph.js";

// A button that copies the text of another element: runs before the handler of console.js, which copies.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-from]");
  if (button) button.dataset.copy = document.getElementById(button.dataset.copyFrom).textContent;
}, true);

// The slider of the history: while it moves, the page shows the job as of the chosen event. Without this script its
// form does the same, event by event.
let timer;
let wanted;

document.addEventListener("input", (event) => {
  if (event.target.id !== "event-number") return;
  document.getElementById("event-number-shown").textContent = event.target.value;
  clearTimeout(timer);
  timer = setTimeout(show, 150, event.target);
});

async function show(slider) {
  const url = new URL(location.href);
  url.search = new URLSearchParams({ n: slider.value });
  url.hash = "";
  wanted = url.href;
  let text;
  try {
    const response = await fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(20_000) });
    if (!response.ok || response.redirected) throw new Error(response.statusText);
    text = await response.text();
  } catch {
    return location.assign(url); // so that the browser shows the error
  }
  if (wanted !== url.href) return; // the slider has moved since
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("job");
  const top = slider.getBoundingClientRect().top;
  morph(document.getElementById("job"), fresh);
  window.scrollBy(0, slider.getBoundingClientRect().top - top); // so that the slider stays under the pointer
  history.replaceState(null, "", url);
}
