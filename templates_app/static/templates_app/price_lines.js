// Price lines in a form: rows are added and taken away, amounts and total follow what is typed. The server counts again.
(() => {
    // Thousandths of a quantity and hundredths of a cent as whole numbers: a price is never a floating one.
    const whole = (text, decimals) => {
        const found = /^([+-]?)(\d*)(?:[.,](\d*))?$/.exec(text.trim());
        if (!found || (!found[2] && !found[3]) || (found[3] || "").length > decimals) return null;
        const number = BigInt((found[2] || "0") + (found[3] || "").padEnd(decimals, "0"));
        return found[1] === "-" ? -number : number;
    };

    const cents = (row) => {
        const typed = row.querySelector("[data-price-unit]").value;
        // 1,234 may be a thousand: the server asks.
        const unit = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/.test(typed.trim()) ? null : whole(typed, 4);
        const quantity = whole(row.querySelector("[data-price-quantity]").value || "1", 3);
        if (unit === null || quantity === null) return null;
        const product = unit * quantity;
        const half = product < 0n ? -50000n : 50000n;
        return (product + half) / 100000n;
    };

    const point = (1.5).toLocaleString(document.documentElement.lang || "en")[1];
    const written = (amount) => {
        const digits = String(amount < 0n ? -amount : amount).padStart(3, "0");
        return `${amount < 0n ? "-" : ""}${digits.slice(0, -2)}${point}${digits.slice(-2)}`;
    };

    const count = (box) => {
        let total = 0n, any = false;
        for (const row of box.querySelectorAll("[data-price-rows] > [data-price-line]")) {
            const amount = cents(row);
            row.querySelector("[data-price-amount]").textContent = amount === null ? "" : written(amount);
            if (amount !== null) { total += amount; any = true; }
        }
        box.querySelector("[data-price-total]").textContent = any ? written(total) : "–";
    };

    const tell = (box) => box.dispatchEvent(new Event("change", { bubbles: true }));

    const add = (box) => {
        const counter = box.querySelector("[data-price-count]");
        const row = box.querySelector("template").content.firstElementChild.cloneNode(true);
        for (const part of row.querySelectorAll("[name]")) {
            part.name = part.name.replace("__n__", counter.value);
            if (part.id) part.id = part.id.replace("__n__", counter.value);
        }
        counter.value = Number(counter.value) + 1;
        box.querySelector("[data-price-rows]").append(row);
        show(row);
        row.querySelector("input").focus();
    };

    const show = (box) => box.querySelectorAll("[data-price-add], [data-price-remove]").forEach((button) => { button.hidden = false; });

    const start = () => document.querySelectorAll("[data-price-lines]").forEach((box) => {
        show(box);
        count(box);
        // A form that came back, or that the browser filled in again, may say another thing than the record.
        const mode = box.closest("form")?.querySelector("input[name=prices_include_tax]");
        if (mode) sayTax(mode.form, mode.checked);
    });

    document.addEventListener("click", (event) => {
        const adder = event.target.closest("[data-price-add]");
        if (adder) add(adder.closest("[data-price-lines]"));
        const remover = event.target.closest("[data-price-remove]");
        if (remover) {
            const box = remover.closest("[data-price-lines]");
            remover.closest("[data-price-line]").remove();
            count(box);
            tell(box);
            box.querySelector("[data-price-add]").focus();
        }
    });
    // Beside the total stands what the box "Prices include tax" of the same form says.
    const sayTax = (form, withTax) => form.querySelectorAll("[data-price-lines]").forEach((box) => {
        box.querySelector("[data-price-net]").hidden = withTax;
        box.querySelector("[data-price-gross]").hidden = !withTax;
    });
    document.addEventListener("change", (event) => {
        if (event.target.name === "prices_include_tax" && event.target.form) sayTax(event.target.form, event.target.checked);
    });
    document.addEventListener("input", (event) => {
        const box = event.target.closest("[data-price-lines]");
        if (box) count(box);
    });
    document.addEventListener("DOMContentLoaded", start);
})();
