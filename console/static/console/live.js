import { morph } from "./morph.js";

// Keeps a page up to date (console/live_updates.py): requests it again, and changes its parts, [data-live], into the new
// ones (morph.js). Informs other scripts with the events live:before and live:after on the document; live:look makes it
// request the page at once, for example after a script has changed the address (history.replaceState).
const LONGEST = 60; // seconds between two attempts

// The part at the top of the screen keeps its place, unless the reader is at the very top of the page.
function placeOfReader() {
  const tops = [...document.querySelectorAll("[data-live] [id], [data-live]")];
  const anchor = tops.find((element) => element.getBoundingClientRect().top >= 0 && element.offsetParent !== null);
  const scroller = anchor && scrollerOf(anchor);
  const before = scroller?.scrollTop > 0 ? anchor.getBoundingClientRect().top : null;
  return {
    restore() {
      if (before !== null && anchor.isConnected) scroller.scrollTop += anchor.getBoundingClientRect().top - before;
    },
  };
}

function scrollerOf(element) {
  for (let above = element.parentElement; above && above !== document.body; above = above.parentElement) {
    if (above.scrollHeight > above.clientHeight && /auto|scroll/.test(getComputedStyle(above).overflowY)) return above;
  }
  return document.scrollingElement;
}

function keepUpToDate(live) {
  let version = live.dataset.version;
  let seenAt = new Date(); // when the page was last known to be up to date
  let failures = 0;
  let timer;
  let asking = false;
  let again = false; // whether to request the page again after this request
  // What was last shown of each part, as the server wrote it.
  const came = new WeakMap([...document.querySelectorAll("[data-live]")].map((part) => [part, part.innerHTML]));

  const clock = (date) => {
    const form = { hour: "2-digit", minute: "2-digit" };
    try {
      return date.toLocaleTimeString(document.documentElement.lang, { ...form, timeZone: live.dataset.timeZone });
    } catch {
      return date.toLocaleTimeString(document.documentElement.lang, form);
    }
  };
  const say = (words, date = new Date(), parts = []) => {
    const text = words.replace("{time}", clock(date)).replace("{parts}", () => parts.join(", "));
    if (live.textContent !== text) live.textContent = text;
  };

  const schedule = (seconds) => {
    clearTimeout(timer);
    // Not all open pages at the same moment.
    if (!document.hidden) timer = setTimeout(look, seconds * 1000 * (0.9 + Math.random() * 0.2));
  };

  const lose = (words) => {
    failures += 1;
    live.classList.add("desk-lost");
    say(words, seenAt);
    schedule(Math.min(Number(live.dataset.seconds) * 2 ** failures, LONGEST));
  };

  async function look() {
    if (!live.isConnected) return;
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    again = false;
    let response, text;
    try {
      response = await fetch(location.href, {
        headers: { "If-None-Match": version },
        credentials: "same-origin",
        signal: AbortSignal.timeout(20_000),
      });
      text = await response.text();
    } catch {
      return lose(live.dataset.lost);
    } finally {
      asking = false;
    }
    if (again) return look(); // the response is that of the previous address
    if (response.redirected && new URL(response.url).pathname.includes("/login/")) return lose(live.dataset.loggedOut);
    if (response.redirected || [403, 404].includes(response.status)) return lose(live.dataset.gone);
    if (response.status !== 304 && !response.ok) return lose(live.dataset.lost);
    if (!live.isConnected) return; // meanwhile the reader went on to something else
    const recovered = failures > 0;
    failures = 0;
    seenAt = new Date();
    live.classList.remove("desk-lost");
    let parts = [];
    let goesOn = true;
    if (response.status !== 304) {
      version = response.headers.get("ETag") ?? version;
      const fresh = new DOMParser().parseFromString(text, "text/html");
      goesOn = fresh.getElementById("live") !== null;
      parts = update(fresh);
    }
    if (parts.length || !goesOn) say(goesOn ? live.dataset.updated : live.dataset.over, seenAt, parts);
    else if (recovered) say(live.dataset.again);
    if (goesOn) schedule(Number(live.dataset.seconds));
    else document.removeEventListener("visibilitychange", wake);
  }

  // Bring the parts up to date; return the names of those that differ.
  function update(fresh) {
    const changed = [...document.querySelectorAll("[data-live]")]
      .map((part) => [part, fresh.getElementById(part.id)])
      .filter(([part, news]) => news && came.get(part) !== news.innerHTML);
    if (!changed.length) return [];
    document.dispatchEvent(new CustomEvent("live:before"));
    const place = placeOfReader();
    for (const [part, news] of changed) {
      came.set(part, news.innerHTML);
      morph(part, news);
    }
    place.restore();
    document.dispatchEvent(new CustomEvent("live:after", { detail: changed.map(([part]) => part) }));
    return changed.map(([part]) => part.dataset.live).filter(Boolean);
  }

  const wake = () => {
    if (document.hidden) clearTimeout(timer);
    else look();
  };
  document.addEventListener("visibilitychange", wake);
  document.addEventListener("live:look", look);
  schedule(Number(live.dataset.seconds));
}

const live = document.getElementById("live");
if (live) keepUpToDate(live);
