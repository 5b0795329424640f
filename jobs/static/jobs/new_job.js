// The page of a new job: a customer is chosen, or named anew; only the one that is asked for is shown. Who chooses
// another customer gets that one's contact and locations, unless the contact was written by hand.
(() => {
    const CONTACT = ["contact_name", "contact_email", "contact_phone"];
    const named = (name, page = document) => page.querySelector(`form [name="${name}"]`);
    const rowOf = (input) => input.closest(".field-row") || input.parentElement;

    const fit = () => {
        const chosen = document.querySelector('input[name="customer_use"]:checked');
        const customer = named("customer");
        const name = named("new_customer");
        if (!chosen || !customer || !name) return;
        const anew = chosen.value === "create";
        rowOf(customer).hidden = anew;
        rowOf(name).hidden = !anew;
        const place = named("location");
        if (place) rowOf(place).hidden = anew;
        if (anew && place) place.value = "";
    };

    let known = {};
    const remember = (page) => { known = Object.fromEntries(CONTACT.map((part) => [part, named(part, page)?.value || ""])); };

    const fillIn = async (key) => {
        const address = new URL(window.location.href);
        address.searchParams.set("customer", key);
        address.searchParams.delete("new_customer");
        const answer = await fetch(address, { credentials: "same-origin" });
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of CONTACT) {
            const input = named(part);
            if (input && input.value === known[part]) input.value = named(part, page)?.value || "";
        }
        remember(page);
        const here = named("location"), there = named("location", page);
        if (here && there) {
            here.replaceChildren(...[...there.options].map((option) => option.cloneNode(true)));
            here.value = there.value;
        }
    };

    const start = () => {
        if (!named("customer_use")) return;
        remember(document);
        fit();
        let shown = named("customer")?.value;
        // The search box tells its change to jQuery only, and may tell one when it is drawn: that chooses nobody else.
        const jQuery = window.django?.jQuery;
        jQuery?.(named("customer")).on("change", (event) => {
            const key = event.target.value;
            if (key && key !== shown) fillIn(key);
            shown = key;
        });
    };

    document.addEventListener("DOMContentLoaded", start);
    document.addEventListener("change", (event) => { if (event.target.name === "customer_use") fit(); });
})();
