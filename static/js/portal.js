/* Behaviour that every page shares. Words come from data attributes, so that templates translate them. */
(() => {
  "use strict";
  const body = document.body;
  const meta = (name) => (document.querySelector(`meta[name="${name}"]`) || {}).content || "";
  const word = (name) => body.dataset[name] || "";
  const make = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };

  // Menu of narrow screens, and any other part that folds: <button data-fold="id"> ------------------------------
  const fold = (button) => {
    const part = document.getElementById(button.dataset.fold);
    const open = part.classList.toggle("show");
    button.setAttribute("aria-expanded", String(open));
  };
  // The table behind a chart: <button data-table="id" aria-expanded="false"> -------------------------------------
  const unhide = (button) => {
    const part = document.getElementById(button.dataset.table);
    part.hidden = !part.hidden;
    button.setAttribute("aria-expanded", String(!part.hidden));
  };
  const showPassword = (button) => {
    const field = document.getElementById(button.dataset.show);
    const open = field.type === "password";
    const other = button.dataset.wordOn;
    field.type = open ? "text" : "password";
    button.setAttribute("aria-pressed", String(open));
    button.dataset.wordOn = button.textContent;
    button.textContent = other;
  };
  // Last period's text into this period's field: <button data-copy-from="id" data-copy-to="id"> -------------------
  const copyText = (button) => {
    const from = document.getElementById(button.dataset.copyFrom);
    const to = document.getElementById(button.dataset.copyTo);
    const text = "value" in from ? from.value : from.textContent.trim();
    to.value = to.value.trim() && to.value.trim() !== text ? `${to.value.trimEnd()}\n${text}` : text;
    to.dispatchEvent(new Event("input", { bubbles: true }));
    to.dispatchEvent(new Event("change", { bubbles: true }));
    to.focus();
  };
  const CLICKS = [
    ["[data-fold]", fold], ["[data-table]", unhide], ["[data-show]", showPassword],
    ["[data-copy-from]", copyText], ["[data-print]", () => window.print()],
  ];
  document.addEventListener("click", (event) => {
    CLICKS.forEach(([selector, act]) => {
      const button = event.target.closest(selector);
      if (button) act(button);
    });
  });

  document.addEventListener("keyup", (event) => {
    const line = event.target.id && document.querySelector(`[data-caps="${CSS.escape(event.target.id)}"]`);
    if (line && event.getModifierState) line.hidden = !event.getModifierState("CapsLock");
  });

  // Characters left: <p data-left-of="id" data-word="… {n} …"> ----------------------------------------------------
  const countLeft = (line) => {
    const field = document.getElementById(line.dataset.leftOf);
    const left = field.maxLength - field.value.length;
    line.textContent = line.dataset.word.replace("{n}", left);
    line.hidden = left > field.maxLength / 2;
  };
  document.addEventListener("input", (event) => {
    const line = event.target.id && document.querySelector(`[data-left-of="${CSS.escape(event.target.id)}"]`);
    if (line) countLeft(line);
  });

  // 大字 and row height: at once here, remembered by the server (by a cookie before sign-in) -------------------------
  const PREFERENCES = { text_size: "size", density: "density" };
  const prefer = (form, button) => {
    const name = button.name;
    const value = button.dataset.toggle && button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.toggle || button.value;
    if (value) document.documentElement.dataset[PREFERENCES[name]] = value;
    else delete document.documentElement.dataset[PREFERENCES[name]];
    document.querySelectorAll(`[data-prefer] [name="${name}"]`).forEach((one) => {
      one.setAttribute("aria-pressed", String((one.dataset.toggle || one.value) === value));
    });
    if (!meta("user-key")) document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
    if (!form.getAttribute("action")) return;
    const sent = new FormData(form);
    sent.set(name, value);
    fetch(form.action, { method: "POST", body: sent, headers: { "X-Requested-With": "fetch", "X-CSRFToken": meta("csrf-token") }, redirect: "manual" }).catch(() => {});
  };

  // Ask before what cannot be undone: data-confirm on a form or on its button ---------------------------------------
  const ask = (source, go) => {
    const words = source.dataset;
    const dialog = make("dialog", "ax-dialog");
    const title = make("h2", "", words.confirm);
    const acts = make("div", "ax-acts");
    const no = make("button", "btn ax-btn", words.confirmNo || word("wordNo"));
    const yes = make("button", words.confirmDanger === undefined ? "btn btn-primary" : "btn ax-btn is-danger", words.confirmYes);
    title.id = "ask-title";
    dialog.setAttribute("aria-labelledby", title.id);
    no.type = yes.type = "button";
    dialog.append(title);
    if (words.confirmText) dialog.append(make("p", "", words.confirmText));
    acts.append(no, yes);
    dialog.append(acts);
    body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => { dialog.close(); go(); });
    dialog.showModal();
    no.focus();
  };

  // A second click does nothing; after 0.3 s the button says that it is at work -------------------------------------
  const atWork = new WeakMap();
  const buttonsOf = (form) => [...form.elements].filter((one) => one.type === "submit");
  const rest = (form) => {
    const held = atWork.get(form);
    if (!held) return;
    clearTimeout(held.timer);
    buttonsOf(form).forEach((one) => { one.disabled = false; });
    if (held.button && held.inside) held.button.replaceChildren(...held.inside);
    atWork.delete(form);
  };
  const work = (form, button) => {
    const held = { button, inside: null };
    held.timer = setTimeout(() => {
      if (!button || button.dataset.quiet !== undefined || button.classList.contains("ax-link")) return;
      held.inside = [...button.childNodes];
      button.replaceChildren(word("wordBusy"));
    }, 300);
    atWork.set(form, held);
    buttonsOf(form).forEach((one) => { one.disabled = true; });
  };

  const confirmed = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (form.hasAttribute("data-prefer") && button) {
      event.preventDefault();
      prefer(form, button);
      return;
    }
    const source = button && button.dataset.confirm ? button : form.dataset.confirm ? form : null;
    if (source && !confirmed.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(source, () => {
        confirmed.add(form);
        form.requestSubmit(button || undefined);
        confirmed.delete(form);
      });
      return;
    }
    if (atWork.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (form.method !== "post" || form.target || form.hasAttribute("data-download")) return;
    // After the browser has gathered the fields, since a disabled button would not be among them.
    setTimeout(() => { if (!event.defaultPrevented) work(form, button); });
  }, true);
  window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(rest));

  // htmx: the token of the form, empty filters left out of the address, and what to say when a part fails -----------
  document.addEventListener("htmx:configRequest", (event) => {
    const { verb, headers, parameters } = event.detail;
    if (verb !== "get") headers["X-CSRFToken"] = meta("csrf-token");
    else Object.keys(parameters).forEach((name) => { if (parameters[name] === "") delete parameters[name]; });
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    if (elt.tagName === "FORM" && requestConfig.verb !== "get") work(elt, requestConfig.triggeringEvent && requestConfig.triggeringEvent.submitter);
  });
  document.addEventListener("htmx:afterRequest", (event) => rest(event.detail.elt));
  const failed = (event, title, text) => {
    const target = event.detail.target || event.detail.elt;
    const place = target && target !== body ? target : document.getElementById("main");
    const old = place.querySelector(":scope > .ax-failed");
    const note = make("div", "ax-note is-behind ax-failed");
    note.setAttribute("role", "alert");
    note.append(make("strong", "", title));
    if (text) note.append(make("p", "", text));
    if (old) old.remove();
    place.prepend(note);
  };
  document.addEventListener("htmx:responseError", (event) => {
    const number = event.detail.xhr.getResponseHeader("X-Request-ID") || event.detail.xhr.status;
    failed(event, word("wordFail"), word("wordFailText").replace("{n}", number));
  });
  document.addEventListener("htmx:sendError", (event) => failed(event, word("wordOffline"), ""));

  // How far an upload is: <progress data-upload hidden> inside its form ----------------------------------------------
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.querySelector("progress[data-upload]");
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.max = event.detail.total;
    bar.value = event.detail.loaded;
  });

  // What each new part of the page needs ------------------------------------------------------------------------------
  const prepare = (part) => {
    part.querySelectorAll("[data-left-of]").forEach(countLeft);
    const first = part.querySelector("[data-focus]");
    if (first) first.focus();
  };
  prepare(document);
  document.addEventListener("htmx:load", (event) => { if (event.target !== body) prepare(event.target); });
})();
