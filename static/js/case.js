// The time line of a case, narrowed to one kind of line. Without a script all of it is shown.
document.querySelectorAll("[data-narrow]").forEach((place) => {
  const list = document.querySelector(place.dataset.narrow);
  const choice = place.querySelector("select");
  place.hidden = false;
  choice.addEventListener("change", () => {
    list.querySelectorAll("[data-kind]").forEach((line) => {
      line.hidden = choice.value !== "" && line.dataset.kind !== choice.value;
    });
  });
});
