// Buttons that put something on the clipboard: <button class="pc-copy" data-copy="…" data-copied="Copied">
document.addEventListener("click", async (event) => {
    const button = event.target.closest(".pc-copy");
    if (!button) return;
    event.preventDefault();
    const words = button.textContent;
    try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = button.dataset.copied;
    } catch {
        // No clipboard without https: show the address, ready to be copied by hand.
        window.prompt(words, button.dataset.copy);
    }
    setTimeout(() => { button.textContent = words; }, 2000);
});

// <button class="pc-print"> prints the page.
document.addEventListener("click", (event) => {
    if (event.target.closest(".pc-print")) window.print();
});

// One press is enough: a form on its way is not sent twice. The server counts it once too (console/once.py).
(() => {
    // A form that leads to a file, or to nobody who answers, leaves the page where it is.
    const AGAIN = 5000;

    // A short number for what somebody typed: not for the marks that a page carries for itself.
    const printOf = (form) => {
        let print = 7;
        for (const [name, value] of new FormData(form)) {
            if (name.startsWith("_") || name === "csrfmiddlewaretoken") continue;
            const said = typeof value === "string" ? value : `${value.name} ${value.size}`;
            for (const letter of `${name}=${said};`) print = (print * 31 + letter.codePointAt(0)) % 9007199254740;
        }
        return print;
    };

    // Gone back to, a page may have been fetched anew, with what was typed put back by the browser: it is the same form
    // still, and is sent with the key that it had.
    const keepKey = (form) => {
        const field = form.querySelector("input[type=hidden][name=_once]");
        if (!field) return;
        const print = printOf(form);
        const before = history.state && history.state.sentForm;
        if (before && before.print === print) field.value = before.key;
        else history.replaceState({ ...history.state, sentForm: { print, key: field.value } }, "");
    };

    const release = (form) => {
        delete form.dataset.sent;
        for (const button of form.elements) {
            if (!("wasPressed" in button.dataset)) continue;
            delete button.dataset.wasPressed;
            button.disabled = false;
        }
    };

    document.addEventListener("submit", (event) => {
        const form = event.target;
        // What htmx sends, it guards itself (hx-disabled-elt).
        if (event.defaultPrevented || form.method !== "post" || form.target) return;
        if (form.dataset.sent) {
            event.preventDefault();
            return;
        }
        form.dataset.sent = "yes";
        keepKey(form);
        // Once the browser has taken the form's values: the pressed button's own name is among them.
        setTimeout(() => {
            for (const button of form.elements) {
                if (button.type !== "submit" || button.disabled) continue;
                button.dataset.wasPressed = "";
                button.disabled = true;
            }
        });
        setTimeout(release, AGAIN, form);
    });

    // The Back button brings a page as it was left.
    window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
})();
