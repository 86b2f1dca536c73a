"use strict";

// A button that copies the text of another element.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-from]");
  if (button) button.dataset.copy = document.getElementById(button.dataset.copyFrom).textContent;
}, true); // before console.js copies

// The slider over a job's events: shows the number while it moves, and the job as it stood once it rests.
document.addEventListener("DOMContentLoaded", () => {
  let timer;
  document.addEventListener("input", (event) => {
    if (event.target.id !== "moment") return;
    document.getElementById("moment-number").textContent = event.target.value;
    clearTimeout(timer);
    timer = setTimeout(() => event.target.form.requestSubmit(), 500);
  });
  // Who came here by the slider goes on with it, by the arrow keys too.
  if (new URLSearchParams(location.search).has("n")) document.getElementById("moment")?.focus({ preventScroll: true });
});
