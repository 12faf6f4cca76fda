/* Handing sheets in: drop or choose files on <form data-handin>, one request a file, each with its own line and
   progress. Without this script the same form is sent as a plain one. Words come from the form's data attributes. */
(() => {
  "use strict";
  const meta = (name) => (document.querySelector(`meta[name="${name}"]`) || {}).content || "";
  const make = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };
  const forms = [...document.querySelectorAll("form[data-handin]")];
  if (!forms.length) return;
  const place = document.getElementById("on-the-way");
  const lines = place.querySelector("[data-lines]");
  const inputOf = (form) => form.querySelector("input[type=file]");
  const say = (form, text) => { form.querySelector("[data-says]").textContent = text; };

  // One line a file -----------------------------------------------------------------------------------------------
  const addLine = (file) => {
    const line = make("li");
    const top = make("div", "ax-line");
    const state = make("span", "ax-mute ax-small");
    const bar = make("progress");
    top.append(make("b", "", file.name), state);
    bar.setAttribute("aria-label", file.name);
    bar.max = 100;
    bar.value = 0;
    line.append(top, bar);
    lines.prepend(line);
    place.hidden = false;
    return { line, state, bar };
  };
  const refuse = ({ line }, name, why) => {
    const top = make("div", "ax-line");
    const told = make("p", "ax-err", why);
    told.setAttribute("role", "alert");
    top.append(make("b", "", name));
    line.replaceChildren(top, told);
  };
  // The server answers with the line as it stands in every list of uploads; it asks again by itself.
  const settle = (shown, answer) => {
    const holder = make("template");
    holder.innerHTML = answer;
    const line = holder.content.firstElementChild;
    shown.line.replaceWith(line);
    window.htmx.process(line);
    return line.dataset.url;
  };

  // One request a file ----------------------------------------------------------------------------------------------
  const send = (form, file, shown) => new Promise((done) => {
    const words = form.dataset;
    const sent = new FormData(form);
    const request = new XMLHttpRequest();
    sent.set("file", file);
    request.open("POST", form.action);
    request.setRequestHeader("X-CSRFToken", meta("csrf-token"));
    request.setRequestHeader("X-Requested-With", "fetch");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const part = Math.round((100 * event.loaded) / event.total);
      shown.bar.value = part;
      shown.state.textContent = part < 100 ? words.wordSending.replace("{p}", part) : words.wordWorking;
      if (part === 100) shown.bar.removeAttribute("value");
    });
    request.addEventListener("error", () => { refuse(shown, file.name, words.wordFailed); done(""); });
    request.addEventListener("load", () => {
      if (request.status === 401) location.assign(request.getResponseHeader("X-Login") || meta("login-url"));
      else if (request.status === 200 || request.status === 422) done(settle(shown, request.responseText));
      else { refuse(shown, file.name, words.wordFailed); done(""); }
    });
    request.send(sent);
  });
  const tooLarge = (form, file) => file.size > Number(form.dataset.most);
  const whyLarge = (form) => form.dataset.wordLarge.replace("{n}", Math.floor(form.dataset.most / 1048576));

  const busy = new WeakSet();
  const handIn = async (form) => {
    const files = [...inputOf(form).files];
    if (!files.length || busy.has(form)) return;
    const missing = [...form.elements].find((field) => field.type !== "file" && field.willValidate && !field.checkValidity());
    if (missing) {
      say(form, form.dataset.wordMissing);
      missing.focus();
      return;
    }
    busy.add(form);
    const queue = files.map((file) => [file, addLine(file)]).reverse();
    place.scrollIntoView({ block: "nearest" });
    let last = "";
    for (const [file, shown] of queue) {
      if (tooLarge(form, file)) refuse(shown, file.name, whyLarge(form));
      else last = await send(form, file, shown);
    }
    busy.delete(form);
    inputOf(form).value = "";
    if (files.length === 1 && last) location.assign(last);
  };
  const chosen = (form) => {
    const names = [...inputOf(form).files].map((file) => file.name);
    if (!names.length) return;
    if (form.dataset.atOnce !== undefined) handIn(form);
    else say(form, form.dataset.wordChosen.replace("{f}", names.join(", ")));
  };

  forms.forEach((form) => {
    form.classList.add("is-live");
    form.addEventListener("submit", (event) => { event.preventDefault(); handIn(form); });
    inputOf(form).addEventListener("change", () => chosen(form));
  });

  // Drag and drop: on the row of a kind; beside it a drop does nothing, and never opens the file in place of the page --
  const formAt = (target) => {
    const row = target.closest && target.closest(".ax-offer, form[data-handin]");
    return row ? (row.matches("form") ? row : row.querySelector("form[data-handin]")) : null;
  };
  const holdsFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  const mark = (over) => forms.forEach((form) => form.querySelector(".ax-drop").classList.toggle("is-over", form === over));
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    const form = formAt(event.target) || (forms.length === 1 ? forms[0] : null);
    event.dataTransfer.dropEffect = form ? "copy" : "none";
    if (form && form.closest("details")) form.closest("details").open = true;
    mark(form);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(null); });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(null);
    const form = formAt(event.target) || (forms.length === 1 ? forms[0] : null);
    if (!form || !event.dataTransfer.files.length) return;
    inputOf(form).files = event.dataTransfer.files;
    chosen(form);
  });
})();
