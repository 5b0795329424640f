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
    document.querySelectorAll("[data-only-when]").forEach(weigh);
    document.querySelectorAll("[data-with-script]").forEach(function (part) { part.hidden = false; });
    document.querySelectorAll("[data-without-script]").forEach(function (part) { part.hidden = true; });
    ownPlaces();
  });

  // A field of a template that counts only when another has a value: read as the server reads it
  // (templates_app.values.is_shown), which drops what is hidden here.
  var YES = ["1", "true", "yes", "y", "on", "ja", "x"], NO = ["0", "false", "no", "n", "off", "nein"];
  function weigh(part) {
    var form = part.closest("form"), wanted = part.dataset.wanted.trim().toLowerCase();
    var inputs = [].slice.call(form.querySelectorAll('[name="' + part.dataset.onlyWhen + '"]'));
    if (!inputs.length) return;
    if (inputs.length === 1 && inputs[0].type === "checkbox") {
      part.hidden = inputs[0].checked !== (wanted ? YES.indexOf(wanted) >= 0 : true);
      return;
    }
    var given = inputs.filter(function (input) {
      return input.value && (input.checked || (input.type !== "checkbox" && input.type !== "radio"));
    }).map(function (input) { return input.value.trim().toLowerCase(); });
    if (!given.length) part.hidden = NO.indexOf(wanted) < 0;
    else part.hidden = !!wanted && given.indexOf(wanted) < 0;
  }
  document.addEventListener("input", function (event) {
    if (!event.target.form || !event.target.name) return;
    event.target.form.querySelectorAll('[data-only-when="' + event.target.name + '"]').forEach(weigh);
  });

  // Whoever stands at the place need not write where it is.
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-locate]");
    if (!button) return;
    var said = button.parentElement.querySelector("[role=status]");
    function denied() { said.textContent = button.dataset.denied; }
    if (!navigator.geolocation) return denied();
    navigator.geolocation.getCurrentPosition(function (here) {
      document.getElementById(button.dataset.locate).value =
        here.coords.latitude.toFixed(6) + ", " + here.coords.longitude.toFixed(6);
      said.textContent = button.dataset.found;
    }, denied, { enableHighAccuracy: true, timeout: 15000 });
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

  // What she searches while she types is kept when she goes from what is ahead to what is past.
  document.addEventListener("htmx:pushedIntoHistory", function () {
    document.querySelectorAll(".tabs a").forEach(function (tab) {
      var query = new URLSearchParams(location.search), when = new URL(tab.href).searchParams.get("when");
      ["page", "status", "when"].forEach(function (name) { query.delete(name); });
      if (when) query.set("when", when);
      tab.search = query.toString();
    });
  });

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
