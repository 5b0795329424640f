// Each rule of a series shows the words that belong to its kind; the next rule appears when the one before says something.
(() => {
    const arrange = () => {
        let before = true;
        document.querySelectorAll("[data-rule]").forEach((rule) => {
            const kind = rule.querySelector("[data-kind]").value;
            rule.hidden = !before;
            rule.querySelectorAll("[data-for]").forEach((part) => {
                part.hidden = !part.dataset.for.split(" ").includes(kind);
            });
            before = before && Boolean(kind);
        });
    };
    document.addEventListener("DOMContentLoaded", arrange);
    document.addEventListener("change", (event) => event.target.matches?.("[data-kind]") && arrange());
})();
