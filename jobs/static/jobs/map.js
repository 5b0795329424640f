// Draws the places of a page's list on a map, and follows the list when it is read anew. The list is the truth and says
// everything the map does; without this script, or without Leaflet, it does the whole job.
//
//   <div data-map hidden data-tiles data-attribution>    where the map is drawn
//   <li data-point="key" data-lat data-lng data-tone data-mark data-kind data-words data-url data-metres>   one place
//   <div data-refresh="address">                         a list to be fetched every half a minute
//   <details data-map-script data-map-style>             a map to be loaded when it is opened
(() => {
    "use strict";
    const EVERY = 30000, PIN = 30;
    let map = null, pins = null, byKey = new Map();

    const places = () => [...document.querySelectorAll("[data-point]")].filter((one) => one.dataset.lat && one.dataset.lng);
    const at = (place) => [Number(place.dataset.lat), Number(place.dataset.lng)];

    // A sheet of squares, where no server gives a picture: it moves with the map, so that moving can be seen.
    const squares = () => {
        const layer = new L.GridLayer({ tileSize: 128 });
        layer.createTile = () => {
            const tile = document.createElement("div");
            tile.className = "map-square";
            return tile;
        };
        return layer;
    };

    // A pin's colour, and ink that can be read on it.
    const paint = (part, tone) => {
        if (!/^#[0-9a-f]{6}$/i.test(tone || "")) return;
        const [red, green, blue] = [1, 3, 5].map((from) => {
            const share = parseInt(tone.slice(from, from + 2), 16) / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        part.style.setProperty("--tone", tone);
        part.style.setProperty("--ink", 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#111827" : "#ffffff");
    };
    const paintList = () => document.querySelectorAll("[data-point]").forEach((one) => paint(one, one.dataset.tone));

    const shape = (place, turn, of) => {
        const pin = document.createElement("span");
        pin.className = `map-pin map-${place.dataset.kind}`;
        pin.textContent = place.dataset.mark || "";
        paint(pin, place.dataset.tone);
        // Several at one place stand around it, each within reach.
        const angle = (turn / of) * 2 * Math.PI, away = of > 1 ? 14 + 2 * of : 0;
        const anchor = [PIN / 2 - Math.sin(angle) * away, PIN / 2 + Math.cos(angle) * away];
        return L.divIcon({ html: pin, className: "map-icon", iconSize: [PIN, PIN], iconAnchor: anchor, popupAnchor: [0, -PIN / 2] });
    };

    const bubble = (place) => {
        const box = document.createElement("div");
        (place.dataset.words || "").split("\n").forEach((line, n) => {
            const part = document.createElement(n ? "div" : "strong");
            part.textContent = line;
            box.append(part);
        });
        if (place.dataset.url) {
            const link = document.createElement("a");
            link.href = place.dataset.url;
            link.textContent = place.dataset.open || place.dataset.url;
            box.append(link);
        }
        return box;
    };

    const draw = () => {
        if (!map) return;
        const open = [...byKey].find(([, pin]) => pin.isPopupOpen());
        const focused = [...byKey].find(([, pin]) => pin.getElement() === document.activeElement);
        pins.clearLayers();
        byKey = new Map();
        const crowds = new Map();
        for (const place of places()) {
            const spot = at(place).map((number) => number.toFixed(4)).join();
            crowds.set(spot, [...(crowds.get(spot) || []), place]);
        }
        for (const crowd of crowds.values()) {
            crowd.forEach((place, turn) => {
                const metres = Number(place.dataset.metres || 0);
                if (metres) {
                    // As coarse as it is told: somewhere in here.
                    pins.addLayer(L.circle(at(place), { radius: metres * 0.71, className: "map-somewhere", interactive: false }));
                }
                const pin = L.marker(at(place), {
                    icon: shape(place, turn, crowd.length),
                    title: (place.dataset.words || "").split("\n").slice(0, 2).join(", "),
                    riseOnHover: true,
                    zIndexOffset: place.dataset.kind === "worker" ? 500 : 0,
                });
                pin.bindPopup(bubble(place));
                pins.addLayer(pin);
                byKey.set(place.dataset.point, pin);
            });
        }
        if (map.getContainer().hasAttribute("data-trail")) {
            pins.addLayer(L.polyline(places().map(at), { className: "map-trail", interactive: false }));
        }
        if (open) byKey.get(open[0])?.openPopup();
        if (focused) byKey.get(focused[0])?.getElement()?.focus();
    };

    const fit = () => {
        const spots = places().map((place) => L.latLng(at(place)).toBounds(1.42 * Number(place.dataset.metres || 1)));
        const all = spots.reduce((bounds, spot) => bounds.extend(spot), L.latLngBounds([]));
        if (spots.length) map.fitBounds(all, { padding: [36, 36], maxZoom: 15, animate: false });
    };

    const begin = (box) => {
        if (map || !places().length) return;
        box.hidden = false;
        const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
        map = L.map(box, { zoomAnimation: !calm, fadeAnimation: !calm, attributionControl: Boolean(box.dataset.tiles), scrollWheelZoom: false });
        map.attributionControl?.setPrefix(false);
        map.on("focus click", () => map.scrollWheelZoom.enable());
        map.on("blur mouseout", () => map.scrollWheelZoom.disable());
        L.control.scale({ imperial: false }).addTo(map);
        if (box.dataset.tiles) {
            const attribution = document.createElement("span");
            attribution.textContent = box.dataset.attribution;
            L.tileLayer(box.dataset.tiles, { maxZoom: 19, attribution: attribution.innerHTML, referrerPolicy: "strict-origin" }).addTo(map);
        } else {
            squares().addTo(map);
        }
        pins = L.layerGroup().addTo(map);
        fit();
        draw();
    };

    const start = () => document.querySelectorAll("[data-map]").forEach((box) => window.L && begin(box));

    const load = (asked) => {
        if (asked.dataset.loaded) return;
        asked.dataset.loaded = "yes";
        const style = document.createElement("link");
        style.rel = "stylesheet";
        style.href = asked.dataset.mapStyle;
        const script = document.createElement("script");
        script.src = asked.dataset.mapScript;
        // Both, and Leaflet's own style before ours.
        const arrived = [style, script].map((part) => new Promise((done) => part.addEventListener("load", done)));
        Promise.all(arrived).then(start);
        document.head.prepend(style);
        document.head.append(script);
    };

    // What others do, and where workers are, appears by itself.
    const refresh = async () => {
        const list = document.querySelector("[data-refresh]");
        if (!list || document.visibilityState !== "visible") return;
        const answer = await fetch(list.dataset.refresh, { credentials: "same-origin", headers: { "X-By-Itself": "1" } }).catch(() => null);
        if (!answer) return;
        if (answer.redirected) {
            // Signed out meanwhile: the whole page says so.
            location.reload();
            return;
        }
        if (!answer.ok) return;
        const focused = document.activeElement?.closest?.("[data-point]")?.dataset.point;
        list.innerHTML = await answer.text();
        if (focused) list.querySelector(`[data-point="${CSS.escape(focused)}"] :is(a, button)`)?.focus();
        paintList();
        if (map) draw();
        else start();
    };

    document.addEventListener("DOMContentLoaded", () => {
        paintList();
        start();
        document.querySelectorAll("details[data-map-script]").forEach((asked) => {
            asked.hidden = false;
            asked.addEventListener("toggle", () => asked.open && load(asked));
        });
        setInterval(refresh, EVERY);
    });
    document.addEventListener("htmx:afterSettle", () => {
        paintList();
        draw();
    });
    document.addEventListener("click", (event) => {
        const button = event.target.closest?.("[data-show-on-map]");
        const pin = button && byKey.get(button.closest("[data-point]")?.dataset.point);
        if (!pin) return;
        map.setView(pin.getLatLng(), Math.max(map.getZoom(), 14));
        pin.openPopup();
        map.getContainer().scrollIntoView({ block: "nearest" });
    });
})();
