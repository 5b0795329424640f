// Shows, beside each choice, the first values of the column of the file that was chosen, and what can be said about it.
(() => {
  const examples = JSON.parse(document.getElementById("im-examples").textContent);
  document.querySelector(".im-mapping").classList.add("im-scripted");
  for (const select of document.querySelectorAll("select[data-source]")) {
    const row = select.closest(".im-map-row");
    const place = row.querySelector("[data-example]");
    const fixed = row.querySelector(".im-map-fixed input");
    const show = () => {
      place.textContent = (examples[select.value] || []).join(" · ");
      row.classList.toggle("im-chosen", Boolean(select.value || fixed.value));
    };
    select.addEventListener("change", show);
    fixed.addEventListener("input", show);
    show();
  }
})();
