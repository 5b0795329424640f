// The page on which an alert is written: tokens at a click, the words another event starts with, a live preview.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const panel = document.getElementById("alert-preview");
    if (!panel) return;
    const field = (name) => document.querySelector(`[data-words="${name}"]`);
    const words = { subject: field("subject"), message: field("message"), sms: field("sms") };
    const event = document.querySelector("select[name=event]");
    const subjects = [...panel.querySelectorAll("[data-preview-source]")];
    const body = panel.querySelector("[data-preview-body]");
    const length = document.querySelector("[data-sms-length]");
    const read = (id) => JSON.parse(document.getElementById(id).textContent);
    const starts = read("alert-default-words");
    const kinds = read("alert-token-kinds");
    const sources = read("alert-preview-kinds");
    const value = (name) => document.querySelector(`[name="${name}"]`)?.value ?? "";
    if (!words.message || !event) return;

    // --- tokens: put in where the cursor stood last

    let last = words.message;
    Object.values(words).forEach((input) => input?.addEventListener("focus", () => { last = input; }));
    document.querySelectorAll("[data-token]").forEach((button) => {
        button.addEventListener("click", () => {
            last.setRangeText(`{${button.dataset.token}}`, last.selectionStart, last.selectionEnd, "end");
            last.focus();
            last.dispatchEvent(new Event("input", { bubbles: true }));
        });
    });
    const showTokens = () => {
        document.querySelectorAll("[data-token]").forEach((button) => {
            const its = kinds[button.dataset.token];
            button.hidden = its.length > 0 && !its.includes(event.value);
            button.style.display = button.hidden ? "none" : "";
        });
    };

    // --- what it can be tried on: jobs, or portal users

    const showSubjects = () => {
        subjects.forEach((label) => {
            label.hidden = label.dataset.previewSource !== sources[event.value];
            label.style.display = label.hidden ? "none" : "";
        });
    };
    const about = () => subjects.find((label) => !label.hidden)?.querySelector("[data-preview-about]").value ?? "";

    // --- only "start is near" is so many hours before something

    const hours = document.querySelector("[name=hours_before]");
    const showHours = () => {
        const row = hours?.closest(".field-hours_before") ?? hours?.parentElement;
        if (!row) return;
        const wanted = event.value === "job.reminded";
        row.style.display = wanted ? "" : "none";
        if (wanted && !hours.value) hours.value = "24";
    };

    // --- another event: its words, where nobody wrote any of her own

    let before = event.value;
    const isUntouched = (name) => {
        const text = words[name].value.trim();
        return text === "" || text === (starts[before]?.[name] ?? "").trim();
    };
    event.addEventListener("change", () => {
        Object.keys(words).forEach((name) => {
            if (starts[event.value] && isUntouched(name)) words[name].value = starts[event.value][name];
        });
        before = event.value;
        showTokens();
        showHours();
        showSubjects();
        preview();
    });

    // --- the preview: rendered by the server, from the words as they stand here

    let waiting = null;
    let asked = null;
    const preview = async () => {
        asked?.abort();
        asked = new AbortController();
        const form = new URLSearchParams({
            csrfmiddlewaretoken: value("csrfmiddlewaretoken"),
            event: event.value,
            about: about(),
            subject: words.subject.value,
            message: words.message.value,
            sms: words.sms.value,
            reply_to: value("reply_to"),
        });
        try {
            const answer = await fetch(panel.dataset.previewUrl, { method: "POST", body: form, signal: asked.signal });
            if (!answer.ok) return;
            body.innerHTML = await answer.text();
            const counted = body.querySelector("[data-segments]");
            if (length) length.textContent = counted && words.sms.value.trim() ? counted.dataset.segments : "";
        } catch (error) {
            if (error.name !== "AbortError") throw error;
        }
    };
    const soon = () => { clearTimeout(waiting); waiting = setTimeout(preview, 300); };
    [...Object.values(words), document.querySelector("[name=reply_to]")].forEach((input) => input?.addEventListener("input", soon));
    subjects.forEach((label) => label.addEventListener("change", preview));
    showTokens();
    showHours();
    showSubjects();
    preview();
});
