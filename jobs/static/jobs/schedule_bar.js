// The choices above the schedule and the map take effect when they are made.
document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-submit]")) event.target.form.submit();
});
