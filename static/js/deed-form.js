// Fields that are asked for some answers only: <form data-asked-for='{"field": ["other field", ["answer"]]}'>.
// What is hidden is not sent. Without a script all fields stand there.
document.querySelectorAll("form[data-asked-for]").forEach((form) => {
  "use strict";
  const rules = Object.entries(JSON.parse(form.dataset.askedFor));
  const show = () => rules.forEach(([name, [other, answers]]) => {
    const field = form.elements[name];
    const box = (field instanceof RadioNodeList ? field[0] : field).closest(".ax-field");
    const asked = answers.includes(form.elements[other].value) || box.classList.contains("is-bad");
    box.hidden = !asked;
    field.disabled = !asked;
  });
  form.addEventListener("change", show);
  show();
});
