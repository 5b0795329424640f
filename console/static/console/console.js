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
