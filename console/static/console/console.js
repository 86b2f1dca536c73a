// What scripts say, in the language of the page (templates/admin/base.html).
const said = (name) => document.querySelector("meta[name=words]").dataset[name];

// A button that copies what it holds.
const labels = new WeakMap();
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    if (!labels.has(button)) labels.set(button, button.textContent);
    button.textContent = said("copied");
    setTimeout(() => { button.textContent = labels.get(button); }, 2000);
  } catch {
    button.textContent = said("copyByHand"); // no HTTPS, so no clipboard
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// A picture that does not load is hidden, so that the placeholder behind it shows.
const isLost = (image) => image.complete && image.getAttribute("src") && !image.naturalWidth && !image.alt;
const hideLost = () => {
  for (const image of document.images) if (isLost(image)) image.hidden = true;
};
document.addEventListener("error", (event) => {
  if (event.target instanceof HTMLImageElement && !event.target.alt) event.target.hidden = true;
}, true);
hideLost(); // what failed before this script ran
document.addEventListener("live:after", hideLost); // also in parts that were replaced

// A select that says which options another one has: [data-offers] names it, its [data-offered-by] lists them by value.
for (const select of document.querySelectorAll("select[data-offers]")) {
  const other = select.form.elements[select.dataset.offers];
  const offered = JSON.parse(other.dataset.offeredBy);
  const show = () => {
    const values = offered[select.value];
    for (const option of other.options) option.hidden = option.disabled = values && !values.includes(option.value);
    if (other.selectedOptions[0]?.disabled) {
      other.value = values[0];
      other.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  select.addEventListener("change", show);
  show();
}

// A module runs after the deferred scripts above it in the page, so that Alpine, which is one, has begun.

// Unfold hides a page until Alpine has begun, and a hidden field does not take the focus that it is to have.
requestAnimationFrame(() => {
  if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
});

// What Unfold makes for the mouse alone, in the menu and the header, is a button for the keyboard, too.
const openers = "#nav-sidebar [x-on\\:click], #header-inner [x-on\\:click]";
for (const opener of document.querySelectorAll(openers)) {
  if (opener.matches("button, a[href], input, summary")) continue;
  opener.tabIndex = 0;
  opener.setAttribute("role", "button");
  if (opener.classList.contains("material-symbols-outlined")) opener.setAttribute("aria-label", said("menu"));
  const menu = opener.parentElement.querySelector(":scope > nav"); // that it opens
  const tell = () => menu && opener.setAttribute("aria-expanded", menu.checkVisibility());
  tell();
  if (menu) new MutationObserver(tell).observe(menu, { attributeFilter: ["style"] });
  opener.addEventListener("keydown", (event) => {
    if (event.target !== opener || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    opener.click();
    // The menu is before its opener in the document, so that Tab would skip it.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      if (menu?.checkVisibility()) menu.querySelector("[tabindex], a[href], button").focus();
    }));
  });
  menu?.parentElement.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.checkVisibility()) return;
    opener.click();
    opener.focus();
  });
}

// Times are shown in the time zone of who reads them: console/middleware.py asks the browser for it.
document.cookie = `time_zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}; path=/; max-age=31536000; samesite=lax`;
