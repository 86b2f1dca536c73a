// The search box (templates/admin/search/box.html): says what a term looks like while one types, asks after a pause,
// and shows what the server answers. Without this script it is a plain form.
const PAUSE = 180; // milliseconds
const SHORTEST = 2; // characters

function addPanel(form) {
  const kinds = JSON.parse(form.dataset.kinds).map(([pattern, sentence]) => [new RegExp(pattern, "u"), sentence]);
  const input = form.querySelector("input[type=search]");
  const panel = form.querySelector(".desk-search-panel");
  const kind = form.querySelector(".desk-search-kind");
  const results = form.querySelector("[role=listbox]");
  const none = form.querySelector(".desk-search-none");
  let timer, asking, answered, chosen;

  const options = () => [...results.querySelectorAll("[role=option]")];

  function choose(option) {
    chosen?.setAttribute("aria-selected", "false");
    chosen = option;
    chosen?.setAttribute("aria-selected", "true");
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function show(isOpen) {
    panel.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen && !results.hidden));
    if (!isOpen) choose(undefined);
  }

  function clear() {
    choose(undefined);
    results.replaceChildren();
    results.hidden = true;
    none.textContent = "";
    answered = undefined;
  }

  async function ask(text) {
    asking?.abort(); // what an earlier question finds is no answer any more
    const mine = (asking = new AbortController());
    results.setAttribute("aria-busy", "true");
    form.classList.add("desk-search-asks");
    try {
      const response = await fetch(`${form.dataset.search}?${new URLSearchParams({ q: text })}`, { signal: mine.signal });
      if (response.redirected) return location.reload(); // logged out: the page says so
      if (!response.ok) throw new Error(response.statusText);
      const answer = new DOMParser().parseFromString(await response.text(), "text/html");
      if (mine !== asking) return;
      clear();
      kind.textContent = answer.querySelector("[data-kind]").textContent;
      results.replaceChildren(...answer.querySelector("[data-results]").children);
      results.hidden = !results.children.length;
      none.textContent = answer.querySelector("[data-none]").textContent.trim();
      answered = text;
      if (!panel.hidden) show(true);
    } catch (error) {
      if (error.name === "AbortError" || mine !== asking) return;
      clear();
      none.textContent = form.dataset.failed;
    }
    results.removeAttribute("aria-busy");
    form.classList.remove("desk-search-asks");
  }

  function typed() {
    const text = input.value.trim();
    clearTimeout(timer);
    if (text.length < SHORTEST) {
      asking?.abort();
      clear();
      form.classList.remove("desk-search-asks");
      return show(false);
    }
    kind.textContent = kinds.find(([pattern]) => pattern.test(text))[1];
    choose(undefined);
    show(true);
    if (text !== answered) timer = setTimeout(ask, PAUSE, text);
  }

  function open() {
    form.classList.add("desk-search-is-open"); // on a phone it covers the page
    input.focus();
    input.select();
  }

  function close() {
    show(false);
    form.classList.remove("desk-search-is-open");
  }

  input.addEventListener("input", typed);
  input.addEventListener("focus", () => { if (answered !== undefined && answered === input.value.trim()) show(true); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !panel.hidden && all.length) {
      event.preventDefault();
      const at = all.indexOf(chosen) + (event.key === "ArrowDown" ? 1 : -1);
      // Beyond the first and the last, the choice is back in the box.
      choose(at === -2 ? all.at(-1) : all[at]);
    } else if (event.key === "ArrowDown" && panel.hidden) {
      typed();
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) window.open(chosen.href, "_blank", "noopener");
      else location.assign(chosen.href);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (!panel.hidden) return show(false);
      if (input.value) {
        input.value = "";
        return typed();
      }
      close();
      input.blur();
    } else if (event.key === "Tab") {
      show(false);
    }
  });
  form.querySelector(".desk-search-open").addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  form.querySelector(".desk-search-close").addEventListener("click", () => {
    close();
    form.querySelector(".desk-search-open").focus();
  });
  document.addEventListener("pointerdown", (event) => { if (!form.contains(event.target)) show(false); });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      open();
    }
  });
  // A page that comes back from the browser's memory has the box as it was left.
  window.addEventListener("pageshow", (event) => { if (event.persisted) close(); });
}

const form = document.querySelector("form[data-search]");
if (form) addPanel(form);
