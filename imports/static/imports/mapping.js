// Shows, beside each choice, the first values of the column of the file that was chosen.
(() => {
  const examples = JSON.parse(document.getElementById("im-examples").textContent);
  for (const select of document.querySelectorAll("select[data-source]")) {
    const place = document.querySelector(`[data-example="${CSS.escape(select.dataset.source)}"]`);
    const show = () => {
      const values = examples[select.value] || [];
      place.textContent = values.join(" · ");
      select.closest(".im-map-row").classList.toggle("im-chosen", Boolean(select.value));
    };
    select.addEventListener("change", show);
    show();
  }
})();
