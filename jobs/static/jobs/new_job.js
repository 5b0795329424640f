// The page of a new job: a customer is chosen, or named anew; only the one that is asked for is shown.
(() => {
    const rowOf = (input) => input.closest(".field-row") || input.parentElement;
    const fit = () => {
        const chosen = document.querySelector('input[name="customer_use"]:checked');
        const customer = document.querySelector('select[name="customer"]');
        const name = document.querySelector('input[name="new_customer"]');
        if (!chosen || !customer || !name) return;
        const anew = chosen.value === "create";
        rowOf(customer).hidden = anew;
        rowOf(name).hidden = !anew;
        const place = document.querySelector('select[name="location"]');
        if (place) rowOf(place).hidden = anew;
    };
    document.addEventListener("DOMContentLoaded", fit);
    document.addEventListener("change", (event) => { if (event.target.name === "customer_use") fit(); });
})();
