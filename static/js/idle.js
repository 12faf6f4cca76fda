/* Sign-out after idle time, and the keeping of what was typed. The server decides when a session has ended; this
   page only follows. Kept on this computer alone: fields of <form data-keep="KEY">, under the account's number, until
   the form is taken by the server, the person signs out, or a day has passed. Never passwords, hidden fields, files
   or what is marked data-private. */
(() => {
  "use strict";
  const meta = (name) => (document.querySelector(`meta[name="${name}"]`) || {}).content || "";
  const user = meta("user-key");
  const PREFIX = "ax-kept:";
  const SEEN = `ax-seen:${user}`;
  const DAY = 24 * 3600 * 1000;
  const ALIVE = "/healthz";
  const PING_EVERY = 60 * 1000;
  const GRACE = 15 * 1000;

  let store;
  try { store = window.localStorage; store.getItem(PREFIX); } catch (refused) { return; }
  const read = (key) => { try { return JSON.parse(store.getItem(key)); } catch (broken) { return null; } };
  const write = (key, value) => { try { store.setItem(key, JSON.stringify(value)); } catch (full) { /* then nothing is kept */ } };
  const keys = () => Object.keys(store).filter((key) => key.startsWith(PREFIX));

  keys().forEach((key) => {
    const entry = read(key);
    if (!entry || Date.now() - entry.at > DAY) store.removeItem(key);
  });
  // Sign-in and error pages: what was sent did not arrive.
  if (meta("kept-forms") === "unsent") keys().forEach((key) => write(key, Object.assign(read(key), { sent: false })));
  if (!user) return;

  // Keeping -----------------------------------------------------------------------------------------------------------
  const keyOf = (form) => `${PREFIX}${user}:${form.dataset.keep}`;
  const TYPES_LEFT_OUT = ["password", "hidden", "file", "submit", "button", "reset", "image"];
  const keepable = (field) => field.name && !field.disabled && !TYPES_LEFT_OUT.includes(field.type)
    && field.tagName !== "FIELDSET" && field.tagName !== "OUTPUT" && !field.closest("[data-private]");
  const ticks = (field) => field.type === "checkbox" || field.type === "radio";
  const valuesOf = (form) => [...form.elements].filter(keepable).map((field) => [
    field.name,
    ticks(field) ? `${field.value}=${field.checked ? 1 : 0}` : field.multiple ? [...field.selectedOptions].map((o) => o.value) : field.value,
  ]);
  const keep = (form, facts) => write(keyOf(form), Object.assign({ at: Date.now(), values: valuesOf(form), sent: false }, facts));

  const waiting = new Map();
  const flush = () => waiting.forEach((timer, form) => { clearTimeout(timer); waiting.delete(form); keep(form); });
  const typed = (event) => {
    const form = event.target.form;
    if (!form || form.dataset.keep === undefined || !keepable(event.target)) return;
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => { waiting.delete(form); keep(form); }, 800));
  };
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  window.addEventListener("pagehide", flush);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.hasAttribute("data-forget")) {
      waiting.forEach((timer) => clearTimeout(timer));
      waiting.clear();
      keys().filter((key) => key.startsWith(`${PREFIX}${user}:`)).forEach((key) => store.removeItem(key));
    } else if (form.dataset.keep !== undefined) {
      clearTimeout(waiting.get(form));
      if (waiting.delete(form) || read(keyOf(form))) keep(form, { sent: true });
    }
  });
  // An autosave the server has taken: nothing left to keep. Pages send the event, htmx forms do it by themselves.
  const taken = (form) => { if (form && form.dataset && form.dataset.keep !== undefined && !waiting.has(form)) store.removeItem(keyOf(form)); };
  document.addEventListener("ax:saved", (event) => taken(event.target.closest("form")));
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful, requestConfig } = event.detail;
    if (successful && requestConfig.verb !== "get") taken(elt.closest("form"));
  });

  // Putting back --------------------------------------------------------------------------------------------------------
  const put = (form, values) => {
    const left = values.slice();
    let changed = 0;
    [...form.elements].filter(keepable).forEach((field) => {
      const at = left.findIndex(([name, value]) => name === field.name && (!ticks(field) || value.startsWith(`${field.value}=`)));
      if (at < 0) return;
      const value = left.splice(at, 1)[0][1];
      if (ticks(field)) {
        const on = value.endsWith("=1");
        if (field.checked !== on) { field.checked = on; changed += 1; }
      } else if (field.multiple) {
        [...field.options].forEach((option) => {
          if (option.selected !== value.includes(option.value)) { option.selected = !option.selected; changed += 1; }
        });
      } else if (field.value !== value) {
        field.value = value;
        changed += 1;
      }
    });
    return changed;
  };
  const tell = (form, before) => {
    const words = document.body.dataset;
    const note = document.createElement("div");
    const title = document.createElement("strong");
    const line = document.createElement("p");
    const drop = document.createElement("button");
    note.className = "ax-note is-quiet ax-kept";
    note.setAttribute("role", "status");
    title.textContent = words.wordKept;
    drop.type = "button";
    drop.className = "ax-link";
    drop.textContent = words.wordDrop;
    drop.addEventListener("click", () => { put(form, before); store.removeItem(keyOf(form)); note.remove(); });
    line.append(`${words.wordKeptText} `, drop);
    note.append(title, line);
    form.prepend(note);
  };
  const wentBack = () => (performance.getEntriesByType("navigation")[0] || {}).type === "back_forward";
  const restore = (form) => {
    const entry = read(keyOf(form));
    if (!entry) return;
    // Refused with its faults listed: the server has given back what was typed.
    if (document.querySelector(".ax-summary")) { write(keyOf(form), Object.assign(entry, { sent: false })); return; }
    if (entry.sent && !wentBack()) { store.removeItem(keyOf(form)); return; }
    const before = valuesOf(form);
    if (!put(form, entry.values)) { store.removeItem(keyOf(form)); return; }
    tell(form, before);
    // So that an autosave and the computed parts of the page take notice.
    form.dispatchEvent(new CustomEvent("ax:restored", { bubbles: true }));
  };
  const formsIn = (part) => [...part.querySelectorAll("form[data-keep]")];
  // A page without the form that was sent: the server has taken it.
  const here = formsIn(document).map(keyOf);
  if (meta("kept-forms") !== "unsent") {
    keys().forEach((key) => { if (key.startsWith(`${PREFIX}${user}:`) && !here.includes(key) && read(key).sent) store.removeItem(key); });
  }
  formsIn(document).forEach(restore);

  // The clock: reset by real keys and clicks, in any tab of this account -----------------------------------------------
  const idle = Number(meta("idle-seconds")) * 1000;
  if (!idle) return;
  let pinged = Date.now();
  const leave = () => {
    flush();
    const next = location.pathname + location.search;
    location.assign(`${meta("login-url")}?${new URLSearchParams({ idle: "1", next })}`);
  };
  const ping = () => {
    pinged = Date.now();
    fetch(ALIVE, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" }, cache: "no-store" })
      .then((answer) => { if (answer.status === 401) leave(); })
      .catch(() => {});
  };
  const seen = (event) => {
    if (event && !event.isTrusted) return;
    const now = Date.now();
    if (now - Number(store.getItem(SEEN)) > 1000) store.setItem(SEEN, String(now));
    if (now - pinged > PING_EVERY) ping();
  };
  ["keydown", "pointerdown"].forEach((kind) => document.addEventListener(kind, seen, { passive: true, capture: true }));
  seen();
  setInterval(() => { if (Date.now() - Number(store.getItem(SEEN)) > idle + GRACE) leave(); }, 5000);
})();
