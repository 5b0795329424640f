// Fields that are shown when another field has a value: data-shown-when holds the other's name in the form,
// data-shown-value the value (empty: any). What is hidden here the server drops as well.
(() => {
    const YES = ["1", "true", "yes", "y", "on", "x"];

    const valuesOf = (form, name) => {
        const inputs = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
        return inputs.flatMap((input) => {
            if (input.type === "checkbox" && inputs.length === 1) return [input.checked ? "yes" : "no"];
            if (input.type === "checkbox" || input.type === "radio") return input.checked ? [input.value] : [];
            if (input.tagName === "SELECT" && input.multiple) return [...input.selectedOptions].map((option) => option.value);
            return input.value ? [input.value] : [];
        });
    };

    const isShown = (form, input) => {
        const given = valuesOf(form, input.dataset.shownWhen).map((value) => value.trim().toLowerCase());
        const wanted = (input.dataset.shownValue || "").trim().toLowerCase();
        if (!wanted) return given.length > 0 && given[0] !== "no";
        const single = form.querySelector(`[name="${CSS.escape(input.dataset.shownWhen)}"]`);
        if (single && single.type === "checkbox" && given.length === 1 && ["yes", "no"].includes(given[0])) {
            return (given[0] === "yes") === YES.includes(wanted);
        }
        return given.includes(wanted);
    };

    const rowOf = (input) => input.closest("[data-field], .form-row, .mb-3, .pc-fields > div") || input.parentElement;

    const update = (form) => {
        for (const input of form.querySelectorAll("[data-shown-when]")) {
            const shown = isShown(form, input);
            rowOf(input).style.display = shown ? "" : "none";
        }
    };

    const updateAll = () => document.querySelectorAll("form").forEach(update);
    document.addEventListener("input", (event) => event.target.form && update(event.target.form));
    document.addEventListener("change", (event) => event.target.form && update(event.target.form));
    document.addEventListener("DOMContentLoaded", updateAll);
    document.addEventListener("htmx:afterSettle", updateAll);
})();
