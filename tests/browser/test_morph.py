"""morph.js: an element becomes what another one is, for random pairs of trees."""

import pytest

PAIRS = 4_000
# Makes pairs of trees from a seed and brings the first of each to the second. Returns how many nodes with an id had the
# same parent in both, and what is at fault: a result that differs from the second tree, a node with an id that did not
# stay the same node although its parent did, or an open <details> that did not stay open.
MORPH = """async ([module, seed, pairs]) => {
  const {morph} = await import(module);
  const random = () => {  // mulberry32
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const pick = (list) => list[Math.floor(random() * list.length)];
  const names = ["p", "div", "ul", "details"];
  function tree(depth, ids, name = "section") {
    const element = document.createElement(name);
    for (const attribute of ["class", "title", "data-x"]) {
      if (random() < 0.3) element.setAttribute(attribute, pick(["", "a", "b"]));
    }
    const number = names.indexOf(name);
    if (number >= 0 && ids.has(number) && random() < 0.6) {  // an id is of a kind, so that both trees often have it
      ids.delete(number);
      element.id = `id-${number}`;
    }
    for (let left = Math.floor(random() * 6); depth && left > 0; left--) {
      const kind = random();
      if (kind < 0.25) element.append(document.createTextNode(pick([" ", "one", "two"])));
      else if (kind < 0.3) element.append(document.createComment(pick(["one", "two"])));
      else element.append(tree(depth - 1, ids, pick(names)));
    }
    return element;
  }
  const path = (node) => {  // to the root, or null where something on it is known by no id
    const steps = [];
    for (let above = node.parentElement; above?.parentElement; above = above.parentElement) {
      if (!above.id) return null;
      steps.push(`${above.localName}#${above.id}`);
    }
    return steps.join(" < ");
  };
  const faults = [];
  let kept = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const old = tree(3, new Set([0, 1, 2, 3])), news = tree(3, new Set([0, 1, 2, 3]));
    const before = old.outerHTML, wanted = news.cloneNode(true);
    const stay = new Map();
    for (const node of old.querySelectorAll("[id]")) {
      const same = news.querySelector(`#${node.id}`);
      const isSame = same?.localName === node.localName && path(node) !== null && path(node) === path(same);
      if (isSame) stay.set(node.id, node);
    }
    const opened = new Set([...stay.values()].filter((node) => node.localName === "details" && random() < 0.5));
    for (const node of opened) node.open = true;
    morph(old, news);
    const at = () => `pair ${pair}: ${before} to ${wanted.outerHTML}`;
    for (const node of opened) {
      if (!node.open) faults.push(`closed ${node.id}, ${at()}`);
      node.open = false;
    }
    if (!old.isEqualNode(wanted)) faults.push(`became ${old.outerHTML}, ${at()}`);
    if (!news.isEqualNode(wanted)) faults.push(`changed what it was given, ${at()}`);
    for (const [id, node] of stay) if (old.querySelector(`#${id}`) !== node) faults.push(`replaced ${id}, ${at()}`);
    kept += stay.size;
  }
  return {faults: faults.slice(0, 3), kept};
}"""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_tree_becomes_another_one_and_keeps_the_nodes_that_have_an_id(running, page, seed):
    result = page.evaluate(MORPH, [f"{running.url}/static/console/morph.js", seed, PAIRS])
    assert result["faults"] == []
    assert result["kept"] > PAIRS // 10
