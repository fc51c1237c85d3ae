// SPDX-License-Identifier: Apache-2.0
//
// What the console does beyond its pages, where a browser runs script: parts of a page renew
// themselves, lists are filtered while one types and grow while one scrolls, keys, copying. Nothing
// in here is needed to act.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const typing = (target) =>
  target instanceof Element && target.closest("input, textarea, select, [contenteditable]");

// Copying

function showCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of all("button.copy[hidden]", root)) {
    button.hidden = false;
    button.setAttribute("aria-label", `Copy ${button.dataset.copy}`);
  }
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not permitted";
  }
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

// Filtering the rows that are here; Enter asks the service for all of them

function filterRows(field) {
  const wanted = field.value.toLowerCase();
  for (const row of all(`tbody[data-name="${field.dataset.filters}"] tr[data-filter]`))
    row.hidden = wanted !== "" && !row.dataset.filter.toLowerCase().includes(wanted);
}

// Rows: j and k, Enter

let current = null;

const rows = () => all("table[data-rows] tbody tr").filter((row) => !row.hidden);

function choose(row) {
  current?.classList.remove("current");
  current = row;
  if (!row) return;
  row.classList.add("current");
  const target = one("th a[href]", row) ?? one("a[href], input", row);
  target?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const list = rows();
  if (list.length === 0) return;
  const at = list.indexOf(current ?? one("tr:target"));
  choose(list[Math.min(list.length - 1, Math.max(0, at + by))]);
}

const places = { t: "/", p: "/patches", r: "/runs", c: "/catalog", o: "/rollouts", h: "/hosts" };
let going = 0;

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    for (const menu of all("details.more[open]")) menu.open = false;
    if (typing(event.target)) event.target.blur();
    return;
  }
  if (typing(event.target) && !(event.target.type === "checkbox" && "jk".includes(event.key)))
    return;
  if (going && Date.now() - going < 1500 && places[event.key]) {
    location.assign(places[event.key]);
    return;
  }
  going = event.key === "g" ? Date.now() : 0;
  if (event.key === "j") step(1);
  if (event.key === "k") step(-1);
  if (event.key === "?") location.assign("/help");
  if (event.key === "/") {
    event.preventDefault();
    one("#search")?.focus();
  }
  if (event.key === "Enter" && current && event.target === document.body)
    one("th a[href], td .detail a[href]", current)?.click();
}

// Lists that grow: the next page is fetched when its link comes into view. Rows that are far away
// cost nothing: the style sheet lets the browser skip them.

let rowsGrown = 0;

async function grow(link) {
  const response = await fetch(link.href, { headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const body = one("table[data-rows] tbody");
  const more = all("table[data-rows] tbody tr", page);
  if (!body || more.length === 0) return;
  body.append(...more);
  rowsGrown += more.length;
  const pager = link.closest(".pager");
  const next = one("a[data-more]", page);
  if (next) link.href = next.href;
  else link.remove();
  one(".note", pager).textContent = one(".pager .note", page)?.textContent ?? "";
  showCopyButtons(body);
  all("input[data-filters]").forEach(filterRows);
}

function watchMore() {
  const link = one("a[data-more]");
  if (!link || !("IntersectionObserver" in window)) return;
  let busy = false;
  new IntersectionObserver(
    async (seen) => {
      if (busy || !link.isConnected || !seen.some((entry) => entry.isIntersecting)) return;
      busy = true;
      await grow(link).catch(() => {});
      busy = false;
    },
    { rootMargin: "600px" },
  ).observe(link);
}

// Times that go on

const units = [
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
];

function words(seconds) {
  const length = Math.abs(seconds);
  for (const [unit, name] of units)
    if (length >= unit) {
      const count = Math.floor(length / unit);
      const text = `${count} ${name}${count === 1 ? "" : "s"}`;
      return seconds < 0 ? `in ${text}` : `${text} ago`;
    }
  return seconds < 0 ? "in less than a minute" : "just now";
}

function renewTimes() {
  for (const time of all("main time[datetime]")) {
    if (!/ ago$|^in |^just now$/.test(time.textContent)) continue;
    const at = Date.parse(time.dateTime);
    if (!Number.isNaN(at)) time.textContent = words((Date.now() - at) / 1000);
  }
}

// Drafts: what is typed into a reason outlives the session

const draftOf = (field) => `draft ${location.pathname} ${field.id}`;

function keepDrafts() {
  for (const field of all("textarea[data-keep]")) {
    const kept = sessionStorage.getItem(draftOf(field));
    if (kept && field.value === field.defaultValue && field.name === "reason") field.value = kept;
    field.addEventListener("input", () => sessionStorage.setItem(draftOf(field), field.value));
    field.form?.addEventListener("submit", () => sessionStorage.removeItem(draftOf(field)));
  }
}

// Live regions: what the service says changed is fetched again, as the page it is, and put in where
// it differs. A region in which somebody types is left alone.

const edited = (region) =>
  region.contains(document.activeElement) && typing(document.activeElement)
    ? true
    : all("input, textarea, select", region).some((field) =>
        field.type === "checkbox" || field.type === "radio"
          ? field.checked !== field.defaultChecked
          : field.dataset.touched ||
            (field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue),
      );

function say(text) {
  const state = one("[data-live-state]");
  if (state && state.textContent !== text) state.textContent = text;
}

let renewing = false;
let again = false;

async function renew() {
  if (renewing) {
    again = true;
    return;
  }
  renewing = true;
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (response.redirected && new URL(response.url).pathname === "/login") {
      say("Your session ended. What you typed stays here; sign in in another tab.");
      return;
    }
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const fresh of all("[data-region]", page)) {
      const old = one(`[data-region="${CSS.escape(fresh.dataset.region)}"]`);
      if (!old || edited(old) || (rowsGrown && one("table[data-rows]", old))) continue;
      if (old.dataset.was === fresh.outerHTML) continue;
      const was = fresh.outerHTML;
      all("details", old).forEach((box, i) => {
        const same = all("details", fresh)[i];
        if (same) same.open = box.open;
      });
      const log = one(".loglines", old);
      const top = log?.scrollTop;
      const focused = document.activeElement?.id;
      const held = old.contains(document.activeElement);
      old.replaceWith(fresh);
      fresh.dataset.was = was;
      if (log && one(".loglines", fresh)) one(".loglines", fresh).scrollTop = top;
      if (held && focused) document.getElementById(focused)?.focus();
      showCopyButtons(fresh);
    }
  } catch {
    say("The service does not answer; this page shows what was known.");
  } finally {
    renewing = false;
    if (again) {
      again = false;
      setTimeout(renew, 1000);
    }
  }
}

let due = 0;

function onEvent(kind) {
  const wanted = one("main")?.dataset.live?.split(" ") ?? [];
  if (!wanted.includes(kind) || due) return;
  due = setTimeout(() => {
    due = 0;
    renew();
  }, 400);
}

// One stream for all tabs of this browser: the tab that holds the lock listens and passes on. It
// lets go while it is hidden, so that a tab that is seen takes over.

const channel = "BroadcastChannel" in window ? new BroadcastChannel("patchlab") : null;

function listen() {
  return new Promise((done) => {
    const source = new EventSource("/api/v1/stream");
    const pass = (event) => {
      let data = {};
      try {
        data = JSON.parse(event.data);
      } catch {
        // an event without a document still says that something happened
      }
      const kind = event.type === "message" ? (data.kind ?? "run") : event.type;
      onEvent(kind);
      channel?.postMessage({ kind });
    };
    for (const kind of ["message", "run", "rollout", "decision", "audit"])
      source.addEventListener(kind, pass);
    source.addEventListener("open", () => say("Live."));
    source.addEventListener("error", () => {
      say("No live connection; it is tried again.");
      if (source.readyState === EventSource.CLOSED) setTimeout(end, 5000);
    });
    const hide = () => document.hidden && end();
    function end() {
      source.close();
      document.removeEventListener("visibilitychange", hide);
      done();
    }
    document.addEventListener("visibilitychange", hide);
  });
}

async function follow() {
  if (!one("main")?.dataset.live || !("EventSource" in window)) return;
  channel?.addEventListener("message", (event) => onEvent(event.data.kind));
  document.addEventListener("visibilitychange", () => document.hidden || renew());
  for (;;) {
    if (document.hidden)
      await new Promise((seen) =>
        document.addEventListener("visibilitychange", seen, { once: true }),
      );
    else if (navigator.locks) await navigator.locks.request("patchlab stream", listen);
    else await listen();
  }
}

// A form is sent once.
function once(event) {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 8000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button.copy");
  if (button) copy(button);
  for (const menu of all("details.more[open]"))
    if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("input", (event) => {
  if (event.target.matches?.("input[data-filters]")) filterRows(event.target);
});
document.addEventListener("change", (event) => {
  if (event.target.matches?.("select")) event.target.dataset.touched = "yes";
});
document.addEventListener("keydown", onKey);
document.addEventListener("submit", once);
showCopyButtons(document);
keepDrafts();
watchMore();
setInterval(renewTimes, 30000);
follow();
