// Brings an element to what another one is. Nodes that are in both stay the same nodes, so that focus, typed text, open
// details and sliders are left alone: those that have an id are known by it, others by their kind and order.
export function morph(old, news) {
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !news.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of news.attributes) {
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const wanted = new Set([...news.children].map((child) => child.id).filter(Boolean));
  for (const child of [...old.children]) if (child.id && !wanted.has(child.id)) child.remove();
  const known = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let next = old.firstChild;
  for (const node of news.childNodes) {
    const match = node.id ? known.get(node.id) : alike(next, node);
    if (!match || match.nodeName !== node.nodeName) {
      old.insertBefore(document.importNode(node, true), next);
      continue;
    }
    if (!node.id) {
      while (next !== match) {
        const skipped = next;
        next = next.nextSibling;
        skipped.remove();
      }
    }
    if (match === next) next = next.nextSibling;
    else old.insertBefore(match, next);
    if (node.nodeType === Node.ELEMENT_NODE) morph(match, node);
    else if (match.data !== node.data) match.data = node.data;
  }
  while (next) {
    const rest = next;
    next = next.nextSibling;
    rest.remove();
  }
}

// The first of `node` and what follows it, up to one that is known by an id, that is of the kind of `news`.
function alike(node, news) {
  while (node && !node.id && node.nodeName !== news.nodeName) node = node.nextSibling;
  return node?.id ? null : node;
}
