// A body as JSON (templates/admin/webhooks/json_viewer.html): its lines fold, can be searched, and give their path and value.
const isFolded = (line) => line.folds && line.element.getAttribute("aria-expanded") === "false";
const isShown = (line) => !line.element.hidden;
const fold = (line, on) => {
  if (line.folds) line.element.setAttribute("aria-expanded", String(!on));
};
const path = (line) => {
  let steps = "";
  for (; line; line = line.parent) steps = line.element.dataset.step + steps;
  return steps.replace(/^\./, "");
};
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

for (const json of document.querySelectorAll("[data-json]")) {
  const tree = json.querySelector("[role=tree]");
  const find = (name) => json.querySelector(`[data-json-${name}]`);
  const search = find("search"), found = find("found"), chosen = find("chosen"), message = find("message");
  const texts = json.dataset; // in the language of the page

  // Each line with its parent and the place of its last descendant.
  const lines = [], open = [];
  for (const element of tree.children) {
    const isEnd = element.getAttribute("role") === "none";
    if (isEnd) {
      open.pop().end = lines.length;
      lines.push({ element, isEnd });
      continue;
    }
    const line = { element, parent: open.at(-1), end: lines.length, folds: element.hasAttribute("aria-expanded") };
    element.dataset.line = lines.length;
    lines.push(line);
    if (line.folds) open.push(line);
  }
  for (const line of open) line.end = lines.length - 1; // those that were cut off
  const items = lines.filter((line) => !line.isEnd);

  const show = () => {
    for (let number = 0, until = -1; number < lines.length; number++) {
      const line = lines[number];
      line.element.hidden = number <= until;
      if (number > until && isFolded(line)) until = line.end;
    }
  };

  // One line is in the order of Tab; arrows move from there (WAI-ARIA's tree view pattern).
  let current = items[0];
  const choose = (line, focus) => {
    current.element.tabIndex = -1;
    current.element.removeAttribute("aria-selected");
    current = line;
    line.element.tabIndex = 0;
    line.element.setAttribute("aria-selected", "true");
    chosen.hidden = false;
    find("path").textContent = path(line) || texts.root;
    message.textContent = "";
    if (focus) line.element.focus();
  };
  const unfoldTo = (line) => {
    for (let parent = line.parent; parent; parent = parent.parent) fold(parent, false);
  };
  const neighbour = (step) => {
    for (let number = items.indexOf(current) + step; items[number]; number += step) {
      if (isShown(items[number])) return items[number];
    }
    return current;
  };
  const keys = {
    ArrowDown: () => choose(neighbour(1), true),
    ArrowUp: () => choose(neighbour(-1), true),
    Home: () => choose(items[0], true),
    End: () => choose(items.findLast(isShown), true),
    ArrowRight: () => (isFolded(current) ? (fold(current, false), show()) : choose(neighbour(1), true)),
    ArrowLeft: () => {
      if (current.folds && !isFolded(current)) { fold(current, true); show(); }
      else if (current.parent) choose(current.parent, true);
    },
    Enter: () => { fold(current, !isFolded(current)); show(); },
  };
  keys[" "] = keys.Enter;
  tree.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  tree.addEventListener("click", (event) => {
    const element = event.target.closest("[role=treeitem]");
    if (!element || String(getSelection())) return; // a click that selects text chooses no line
    const line = lines[element.dataset.line];
    if (event.target.matches(".desk-json-caret")) {
      fold(line, !isFolded(line));
      show();
    }
    choose(line, true);
  });
  tree.addEventListener("focusin", (event) => {
    if (event.target.dataset.line && lines[event.target.dataset.line] !== current) choose(lines[event.target.dataset.line]);
  });
  for (const button of json.querySelectorAll("[data-json-fold]")) {
    button.addEventListener("click", () => {
      for (const line of items) fold(line, button.dataset.jsonFold === "true" && Boolean(line.parent));
      show();
    });
  }

  // Search: lines without a match are folded, and matches are highlighted without a change of the page's elements.
  let hits = [], at = -1;
  const paint = () => {
    if (!CSS.highlights) return;
    const ranges = { all: [], here: [] }, wanted = search.value.toLowerCase();
    for (const [number, line] of hits.entries()) {
      const walker = document.createTreeWalker(line.element, NodeFilter.SHOW_TEXT);
      for (let node; (node = walker.nextNode()); ) {
        const text = node.data.toLowerCase();
        if (text.length !== node.length) continue; // a character whose lower case is two characters: not highlighted
        for (let from = text.indexOf(wanted); from >= 0; from = text.indexOf(wanted, from + wanted.length)) {
          const range = new Range();
          range.setStart(node, from);
          range.setEnd(node, from + wanted.length);
          ranges[number === at ? "here" : "all"].push(range);
        }
      }
    }
    CSS.highlights.set("desk-json-all", new Highlight(...ranges.all));
    CSS.highlights.set("desk-json-here", new Highlight(...ranges.here));
  };
  const go = (step) => {
    if (!hits.length) return;
    at = (at + step + hits.length) % hits.length;
    unfoldTo(hits[at]);
    show();
    choose(hits[at]);
    hits[at].element.scrollIntoView({ block: "nearest" });
    found.textContent = fill(texts.position, { number: at + 1, count: hits.length });
    paint();
  };
  const look = () => {
    const wanted = search.value.toLowerCase();
    hits = wanted ? items.filter((line) => line.element.textContent.toLowerCase().includes(wanted)) : [];
    const isHit = new Set(hits);
    for (const line of items) {
      line.element.classList.toggle("desk-json-hit", isHit.has(line));
      fold(line, Boolean(hits.length && line.parent));
    }
    hits.forEach(unfoldTo);
    show();
    at = -1;
    found.textContent = wanted ? (hits.length ? fill(texts.found, { count: hits.length }) : texts.nothingFound) : "";
    for (const button of json.querySelectorAll("[data-json-go]")) button.disabled = !hits.length;
    paint();
  };
  search.addEventListener("input", look);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
  });
  for (const button of json.querySelectorAll("[data-json-go]")) {
    button.addEventListener("click", () => go(Number(button.dataset.jsonGo)));
  }

  // A value is copied from the body's bytes, as the page shows a long one in part only.
  let bytes;
  const value = async (line) => {
    bytes ??= await (await fetch(json.dataset.raw, { credentials: "same-origin" })).arrayBuffer();
    const [from, to] = line.element.dataset.at.split("-").map(Number);
    const text = new TextDecoder().decode(bytes.slice(from, to));
    return text.startsWith('"') ? JSON.parse(text) : text;
  };
  for (const button of json.querySelectorAll("[data-json-copy]")) {
    button.addEventListener("click", async () => {
      message.textContent = "";
      try {
        await navigator.clipboard.writeText(button.dataset.jsonCopy === "path" ? path(current) || texts.root : await value(current));
        message.textContent = texts.copied;
      } catch {
        message.textContent = texts.copyByHand;
      }
    });
  }

  find("bar").hidden = false;
}
