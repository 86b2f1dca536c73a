// A body as JSON (templates/admin/webhooks/body.html): its lines fold, are searched, and give their path and value.
const isFolded = (line) => line.folds && line.element.getAttribute("aria-expanded") === "false";
const isShown = (line) => !line.element.hidden;
const fold = (line, on) => {
  if (line.folds) line.element.setAttribute("aria-expanded", String(!on));
};
const path = (line) => {
  let steps = "";
  for (; line; line = line.parent) steps = line.element.dataset.step + steps;
  return steps.replace(/^\./, "") || "(all)";
};

for (const json of document.querySelectorAll("[data-json]")) {
  const tree = json.querySelector("[role=tree]");
  const find = (name) => json.querySelector(`[data-json-${name}]`);
  const search = find("search"), found = find("found"), chosen = find("chosen"), said = find("said");

  // Each line with what it is in, and where what is in it ends.
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

  // One line is in the order of Tab, and arrows go on from there (the keys of a tree, as WAI-ARIA has them).
  let current = items[0];
  const choose = (line, focus) => {
    current.element.tabIndex = -1;
    current.element.removeAttribute("aria-selected");
    current = line;
    line.element.tabIndex = 0;
    line.element.setAttribute("aria-selected", "true");
    chosen.hidden = false;
    find("path").textContent = path(line);
    said.textContent = "";
    if (focus) line.element.focus();
  };
  const unfoldTo = (line) => {
    for (let parent = line.parent; parent; parent = parent.parent) fold(parent, false);
  };
  const beside = (step) => {
    for (let number = items.indexOf(current) + step; items[number]; number += step) {
      if (isShown(items[number])) return items[number];
    }
    return current;
  };
  const keys = {
    ArrowDown: () => choose(beside(1), true),
    ArrowUp: () => choose(beside(-1), true),
    Home: () => choose(items[0], true),
    End: () => choose(items.findLast(isShown), true),
    ArrowRight: () => (isFolded(current) ? (fold(current, false), show()) : choose(beside(1), true)),
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
    if (!element || String(getSelection())) return; // who selects text wants that
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

  // Search: what holds no match is folded, and matches are painted without touching what stands there.
  let hits = [], at = -1;
  const paint = () => {
    if (!CSS.highlights) return;
    const ranges = { all: [], here: [] }, wanted = search.value.toLowerCase();
    for (const [number, line] of hits.entries()) {
      const walker = document.createTreeWalker(line.element, NodeFilter.SHOW_TEXT);
      for (let node; (node = walker.nextNode()); ) {
        const text = node.data.toLowerCase();
        if (text.length !== node.length) continue; // a sign whose small letter is two signs: not painted
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
    found.textContent = `${at + 1} of ${hits.length}`;
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
    found.textContent = wanted ? (hits.length ? `${hits.length} found` : "Nothing found") : "";
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

  // A value is copied as it came, to the digit: from the bytes, as a long one does not stand here whole.
  let bytes;
  const value = async (line) => {
    bytes ??= await (await fetch(json.dataset.raw, { credentials: "same-origin" })).arrayBuffer();
    const [from, to] = line.element.dataset.at.split("-").map(Number);
    const text = new TextDecoder().decode(bytes.slice(from, to));
    return text.startsWith('"') ? JSON.parse(text) : text;
  };
  for (const button of json.querySelectorAll("[data-json-copy]")) {
    button.addEventListener("click", async () => {
      said.textContent = "";
      try {
        await navigator.clipboard.writeText(button.dataset.jsonCopy === "path" ? path(current) : await value(current));
        said.textContent = "Copied";
      } catch {
        said.textContent = "It cannot be copied here: select it and press Ctrl-C";
      }
    });
  }

  find("bar").hidden = false;
}
