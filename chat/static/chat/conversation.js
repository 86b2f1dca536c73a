// The page of a conversation: its links and its search update the parts of the page (console/live.js), and new messages
// appear without moving the one that is being read. Without this script every link and form loads a page.
const NEAR = 40; // pixels from the end within which the reader counts as being there

const messages = () => [...document.querySelectorAll("#messages .desk-message")];

// For a reader of earlier messages: the page keeps its first message, however many new ones arrive.
function stay() {
  const url = new URL(location.href);
  const first = messages()[0];
  if (!first || ["since", "before", "after", "message"].some((name) => url.searchParams.has(name))) return;
  url.searchParams.set("since", first.id.replace("message-", ""));
  history.replaceState(null, "", url);
}

function follow(scroller, pill) {

  // A link to a message that this page does not show loads the page that does.
  const linked = /^#m(?:essage-)?(\d+)$/.exec(location.hash);
  if (linked && !document.getElementById(`message-${linked[1]}`) && !new URLSearchParams(location.search).has("message")) {
    location.replace(`?message=${linked[1]}#message-${linked[1]}`);
    return;
  }

  const opened = document.querySelector("#messages .desk-message:target, #messages .desk-target");
  opened?.scrollIntoView({ block: "center" });

  // On a small screen the conversation comes first, and the related panels are folded below.
  if (matchMedia("(max-width: 700px)").matches) {
    for (const fold of document.querySelectorAll(".desk-fold")) if (!fold.querySelector(":target")) fold.open = false;
  }

  // The box grows from its end (flex-direction: column-reverse): there scrollTop is 0, and negative above it.
  const isAtEnd = () => -scroller.scrollTop < NEAR;
  const toEnd = () => { scroller.scrollTop = 0; };

  let wanted = ""; // the message to go to once it is there
  let before = null;
  let unseen = 0;

  function look(address) {
    const url = new URL(address, location.href);
    history.replaceState(null, "", url);
    wanted = url.hash.startsWith("#message-") ? url.hash.slice(1) : "";
    document.dispatchEvent(new CustomEvent("live:look"));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-look]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || !document.getElementById("live")) return;
    event.preventDefault();
    look(link.href);
  });

  const form = document.getElementById("find-form");
  const find = () => {
    const url = new URL(location.href);
    for (const name of ["find_before", "find"]) url.searchParams.delete(name);
    url.hash = "";
    if (form.elements.find.value.trim()) url.searchParams.set("find", form.elements.find.value);
    look(url);
  };
  let typing;
  form.addEventListener("submit", (event) => {
    if (!document.getElementById("live")) return;
    event.preventDefault();
    clearTimeout(typing);
    find();
  });
  form.elements.find.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(find, 400);
  });

  document.addEventListener("live:before", () => {
    const all = messages();
    const top = scroller.getBoundingClientRect().top;
    const read = all.find((message) => message.getBoundingClientRect().bottom > top);
    before = { last: all.at(-1)?.id, isAtEnd: isAtEnd(), read, place: read?.getBoundingClientRect().top };
  });

  document.addEventListener("live:after", () => {
    if (!before) return;
    const target = wanted && document.getElementById(wanted);
    if (target) {
      target.scrollIntoView({ block: "center" });
      target.focus({ preventScroll: true });
    } else if (before.isAtEnd && before.last) {
      toEnd();
    } else if (before.read?.isConnected) {
      scroller.scrollTop += before.read.getBoundingClientRect().top - before.place;
    }
    wanted = "";
    const ids = messages().map((message) => message.id);
    const known = ids.indexOf(before.last);
    if (!before.isAtEnd && !target && known >= 0) unseen += ids.length - 1 - known;
    if (isAtEnd()) unseen = 0;
    tell();
  });

  function tell() {
    pill.hidden = !unseen;
    if (unseen) pill.textContent = unseen === 1 ? pill.dataset.one : pill.dataset.many.replace("{count}", unseen);
  }
  pill.addEventListener("click", () => {
    const all = messages();
    const first = all[all.length - unseen];
    unseen = 0;
    toEnd();
    first?.focus({ preventScroll: true });
    first?.scrollIntoView({ block: "nearest" });
    tell();
  });
  scroller.addEventListener("scroll", () => {
    if (!isAtEnd()) return stay();
    unseen = 0;
    tell();
  }, { passive: true });

  // The whole conversation, which is a page of its own, is copied from there.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-copy-from]");
    if (!link || !navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const answer = await fetch(link.href, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      await navigator.clipboard.writeText(await answer.text());
      const words = link.textContent;
      link.textContent = link.dataset.copied;
      setTimeout(() => { link.textContent = words; }, 2000);
    } catch {
      location.href = link.href;
    }
  });
}

const scroller = document.getElementById("scroller");
if (scroller) follow(scroller, document.getElementById("new-messages"));
