// Shows, beside each choice, the first values of the column of the file that was chosen, and what can be said about it;
// sends the choices along when the file is to be read anew, so that they are not lost.
(() => {
  const examples = JSON.parse(document.getElementById("im-examples").textContent);
  const mapping = document.querySelector(".im-mapping");
  mapping.classList.add("im-scripted");
  for (const reading of document.querySelectorAll("form[data-reading]")) {
    reading.addEventListener("formdata", (event) => {
      for (const [name, value] of new FormData(mapping)) if (!event.formData.has(name)) event.formData.append(name, value);
    });
  }
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
