// The editor of a template: what is added opens by itself, each field asks only what its type needs, rows are moved by
// keyboard too (Alt and an arrow on the heading).
(() => {
    const CHOICES = ["pick", "multi_pick"];
    const LIMITS = ["text", "number", "currency", "multi_pick", "location", "link"];
    const NO_VALUE = ["header", "file", "signature"];

    const part = (row, name) => row.querySelector(`[name$="-${name}"]`);
    const line = (row, name) => part(row, name)?.closest(".field-line");
    const show = (element, yes) => { if (element) element.classList.toggle("pc-not-asked", !yes); };
    const rowsOf = (set) => [...set.children].filter((row) => row.matches(".form-group:not(.empty-form)"));

    const fit = (row) => {
        const kind = part(row, "kind")?.value;
        if (!kind) return;
        show(line(row, "choices"), CHOICES.includes(kind));
        show(line(row, "default"), !NO_VALUE.includes(kind));
        show(line(row, "minimum"), LIMITS.includes(kind));
        show(line(row, "maximum"), LIMITS.includes(kind));
        show(line(row, "help"), kind !== "header");
        show(line(row, "shown_value"), Boolean(part(row, "shown_when")?.value.trim()));
        for (const pair of row.querySelectorAll(".field-row")) {
            pair.classList.toggle("pc-not-asked", [...pair.querySelectorAll(".field-line")].every((one) => one.classList.contains("pc-not-asked")));
        }
    };

    // The other fields, to choose from where a condition names one.
    const suggest = (set) => {
        let list = document.getElementById("template-field-labels");
        if (!list) {
            list = document.createElement("datalist");
            list.id = "template-field-labels";
            document.body.append(list);
        }
        const labels = rowsOf(set).map((row) => part(row, "label")?.value.trim()).filter(Boolean);
        list.replaceChildren(...labels.map((label) => Object.assign(document.createElement("option"), { value: label })));
        set.querySelectorAll('[name$="-shown_when"]').forEach((input) => input.setAttribute("list", list.id));
    };

    const headingOf = (row) => row.querySelector("h3");
    const isOpen = (row) => headingOf(row)?.classList.contains("border-b");

    const reach = (row) => {
        const heading = headingOf(row);
        if (!heading) return;
        heading.tabIndex = 0;
        heading.setAttribute("role", "button");
        heading.setAttribute("aria-expanded", String(isOpen(row)));
    };

    const renumber = (set) => {
        rowsOf(set).forEach((row, index) => { const position = part(row, "position"); if (position) position.value = index; });
        set.dispatchEvent(new Event("change", { bubbles: true }));
    };

    const move = (row, down) => {
        const other = down ? row.nextElementSibling : row.previousElementSibling;
        if (!other || !other.matches(".form-group:not(.empty-form)")) return;
        if (down) other.after(row); else other.before(row);
        renumber(row.parentElement);
        headingOf(row)?.focus();
    };

    const start = () => {
        const set = document.getElementById("fields-data");
        if (!set) return;
        rowsOf(set).forEach((row) => { fit(row); reach(row); });
        suggest(set);
    };

    // What somebody tries in the preview outlives its next version.
    let tried = [];
    const inputsOf = (card) => [...card.querySelectorAll("form [name^=value_]")];
    document.addEventListener("htmx:beforeSwap", (event) => {
        if (event.target.id !== "template-preview") return;
        tried = inputsOf(event.target).map((input) => [input.name, input.value, input.checked]);
    });
    document.addEventListener("htmx:afterSwap", (event) => {
        if (event.target.id !== "template-preview") return;
        for (const input of inputsOf(event.target)) {
            const choice = ["checkbox", "radio"].includes(input.type);
            const was = tried.find(([name, value]) => name === input.name && (!choice || value === input.value));
            if (!was) continue;
            if (choice) input.checked = was[2];
            else if (was[1] && (input.tagName !== "SELECT" || [...input.options].some((option) => option.value === was[1]))) input.value = was[1];
        }
    });

    document.addEventListener("DOMContentLoaded", start);
    document.addEventListener("formset:added", (event) => {
        const row = event.target.closest(".form-group");
        if (!row || event.detail?.formsetName !== "fields") return;
        // Alpine has to see the new row first.
        setTimeout(() => {
            reach(row);
            fit(row);
            suggest(row.parentElement);
            if (!isOpen(row)) headingOf(row)?.click();
            setTimeout(() => part(row, "label")?.focus(), 50);
        }, 50);
    });
    for (const kind of ["input", "change"]) {
        document.addEventListener(kind, (event) => {
            const row = event.target.closest?.("#fields-data > .form-group");
            if (!row) return;
            fit(row);
            if (event.target.name?.endsWith("-label")) suggest(row.parentElement);
        });
    }
    document.addEventListener("click", (event) => {
        const row = event.target.closest?.("#fields-data > .form-group");
        if (row) setTimeout(() => reach(row), 0);
    });
    document.addEventListener("keydown", (event) => {
        const heading = event.target;
        if (!heading.matches?.("#fields-data > .form-group h3")) return;
        const row = heading.closest(".form-group");
        if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
            event.preventDefault();
            move(row, event.key === "ArrowDown");
        } else if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            heading.click();
        }
    });
})();
