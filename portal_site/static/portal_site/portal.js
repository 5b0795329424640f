/* Small comforts; every page works without them. */
(function () {
  "use strict";

  // A menu closes when she goes elsewhere, or presses Escape.
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // Fields that matter only for one choice are shown with it.
  function toggle(part) {
    var source = document.getElementById(part.dataset.shownWhen);
    if (source) part.hidden = source.value !== part.dataset.value;
  }
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-shown-when]").forEach(toggle);
    ownPlaces();
  });
  document.addEventListener("change", function (event) {
    document.querySelectorAll('[data-shown-when="' + event.target.id + '"]').forEach(toggle);
    if (event.target.id === "id_account") ownPlaces();
  });

  // Of several accounts, offer the addresses of the chosen one.
  function ownPlaces() {
    var account = document.getElementById("id_account"), place = document.getElementById("id_place");
    if (!account || !place) return;
    var name = account.value ? account.options[account.selectedIndex].text : "";
    place.querySelectorAll("optgroup").forEach(function (group) {
      group.hidden = group.disabled = !!name && group.label !== name;
      if (group.disabled && group.contains(place.selectedOptions[0])) place.value = "";
    });
  }

  // Whose clock times are read on: the site learns it with the next form she sends.
  document.addEventListener("DOMContentLoaded", function () {
    var zone = window.Intl && Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!zone) return;
    document.querySelectorAll('form[method="post"]').forEach(function (form) {
      var field = document.createElement("input");
      field.type = "hidden";
      field.name = "browser_zone";
      field.value = zone;
      form.appendChild(field);
    });
  });

  // One press is enough: a form on its way is not sent twice.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (form.method.toLowerCase() !== "post" || form.hasAttribute("data-again")) return;
    form.dataset.sent = "yes";
    form.querySelectorAll("button[type=submit]").forEach(function (button) {
      button.setAttribute("aria-disabled", "true");
      button.classList.add("is-busy");
    });
  });
  // The back button brings a page as it was left.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll(".is-busy").forEach(function (button) {
        button.removeAttribute("aria-disabled");
        button.classList.remove("is-busy");
      });
    });
  });

  // After a faulty form the first thing read is what is wrong.
  document.addEventListener("DOMContentLoaded", function () {
    var problems = document.getElementById("problems");
    if (problems) problems.focus();
    else {
      var first = document.querySelector("[aria-invalid=true]");
      if (first) first.focus();
    }
  });
})();
