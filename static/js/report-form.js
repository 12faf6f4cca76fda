/* The report's form: saves itself after a keystroke, shows the rate, asks what must be answered, and lays another
   person's edit beside one's own. Numbers and questions are the server's; this page only shows them. */
(() => {
  "use strict";
  const form = document.getElementById("report-form");
  if (!form) return;
  const words = form.dataset;
  const line = document.getElementById("saved");
  const others = document.getElementById("others");
  const base = form.elements.base;
  const held = new Set(); // fields on which two people differ: not sent before one is chosen
  let timer = 0;
  let saving = false;
  let again = false;

  const field = (name) => form.elements[name];
  const valueOf = (name) => (field(name) ? field(name).value : "");
  const put = (name, value) => {
    const one = field(name);
    if (!one) return;
    one.value = value;
    const row = form.querySelector(`[name="${name}"]`).closest("[data-row]");
    if (row) show(row);
  };

  // A row as it stands: number fields only where a number is to be given, and the rate ---------------------------
  const plain = (text) => {
    const number = text.normalize("NFKC").replace(/[,\s]/g, "");
    return number === "" ? NaN : Number(number);
  };
  const show = (row) => {
    const pk = row.dataset.row;
    const numbers = row.querySelector("[data-numbers]");
    if (!numbers) return;
    const state = field(`i${pk}-state`);
    numbers.hidden = state && state.value !== "REPORTED";
    const output = row.querySelector("output");
    if (!output) return;
    const locked = row.querySelector("[data-den]");
    const den = locked ? Number(locked.dataset.den) : plain(valueOf(`i${pk}-den`));
    const rate = plain(valueOf(`i${pk}-num`)) * 100 / den;
    output.textContent = Number.isFinite(rate) ? `${rate.toFixed(2)}%` : words.wordHalf;
  };
  const answer = (told) => {
    const row = form.querySelector(`[data-row="${told.pk}"]`);
    if (!row) return;
    row.querySelectorAll("[data-fault]").forEach((place) => {
      const fault = told.faults[place.dataset.fault] || "";
      place.hidden = !fault;
      place.querySelector("span").textContent = fault;
      const input = field(place.dataset.fault);
      input.parentElement.classList.toggle("is-bad", Boolean(fault));
      if (fault) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    });
    const why = row.querySelector("[data-why]");
    if (!why) return;
    why.querySelector("[data-question]").textContent = told.question;
    why.hidden = !told.question && !valueOf(`i${told.pk}-why`);
  };

  // Another person's edit -----------------------------------------------------------------------------------------
  const piece = (kind, text) => {
    const made = document.createElement(kind === "mine" ? "del" : kind === "theirs" ? "ins" : "span");
    made.className = kind === "mine" ? "ax-old" : kind === "theirs" ? "ax-new" : "";
    made.textContent = text;
    return made;
  };
  const choose = (text, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ax-link ax-small";
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  };
  const beside = (conflict, by) => {
    const place = form.querySelector(`[data-conflict="${conflict.field}"]`);
    if (!place || held.has(conflict.field)) return;
    held.add(conflict.field);
    const title = document.createElement("h3");
    const text = document.createElement("p");
    const acts = document.createElement("p");
    const settle = (value) => {
      held.delete(conflict.field);
      place.replaceChildren();
      place.className = "";
      if (value !== null) put(conflict.field, value);
      soon(0);
    };
    title.textContent = words.wordTheirs.replace("{n}", by);
    text.append(...conflict.pieces.map(([kind, part]) => piece(kind, part)));
    acts.append(choose(words.wordUse, () => settle(conflict.theirs)), " | ", choose(words.wordMine, () => settle(null)));
    place.className = "ax-past mt-1";
    place.setAttribute("role", "status");
    place.replaceChildren(title, text, acts);
  };
  const told = (by, merged) => {
    if (!merged.length) return;
    others.hidden = false;
    others.replaceChildren(...merged.map((one) => {
      const part = document.createElement("p");
      part.textContent = words.wordMerged.replace("{n}", by).replace("{f}", one.label);
      return part;
    }));
  };

  // Saving --------------------------------------------------------------------------------------------------------
  const say = (text) => { line.textContent = text; };
  const save = async () => {
    if (saving) { again = true; return; }
    saving = true;
    again = false;
    const body = new FormData(form);
    const sent = new Map(body.entries());
    held.forEach((name) => body.delete(name));
    say(words.wordSaving);
    try {
      const reply = await fetch(words.save, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
      if (reply.status === 401) { location.assign(reply.headers.get("X-Login")); return; }
      if (!reply.ok) {
        const said = reply.status === 409 ? await reply.json() : {};
        say(said.gone || words.wordFailed);
        return;
      }
      const saved = await reply.json();
      base.value = saved.version;
      // What the other wrote comes in only where nothing was typed since this save set out.
      const fresh = saved.merged.filter((one) => valueOf(one.field) === (sent.get(one.field) || ""));
      fresh.forEach((one) => put(one.field, one.value));
      told(saved.by, fresh);
      saved.conflicts.forEach((conflict) => beside(conflict, saved.by));
      saved.rows.forEach(answer);
      say(words.wordSaved.replace("{t}", saved.at));
      if (!again) form.dispatchEvent(new CustomEvent("ax:saved", { bubbles: true }));
    } catch (offline) {
      say(words.wordFailed);
      soon(10000);
    } finally {
      saving = false;
      if (again) soon(300);
    }
  };
  const soon = (wait) => { clearTimeout(timer); timer = setTimeout(save, wait); };

  form.querySelectorAll("[data-row]").forEach(show);
  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) show(row);
    soon(1200);
  });
  form.addEventListener("ax:restored", () => { form.querySelectorAll("[data-row]").forEach(show); soon(300); });
  // Handing in sends everything anyway: a save on its way must not come after it.
  form.addEventListener("submit", () => { clearTimeout(timer); again = false; });
})();
