// Moving jobs on the schedule, by mouse and by keyboard. The server decides; the board it sends back is the truth.
(() => {
    const board = () => document.getElementById("schedule-board");
    let dragged = null;

    const pad = (number) => String(number).padStart(2, "0");
    const clock = (minutes) => `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
    const minutesOf = (start) => (start ? Number(start.slice(11, 13)) * 60 + Number(start.slice(14, 16)) : null);
    const movable = () => board()?.hasAttribute("data-movable");

    const send = (job, where) => {
        const frame = board();
        const number = job.dataset.job;
        // At the same time as before it is the same moment, also in the hour that comes twice.
        if (where.start && job.dataset.start?.startsWith(where.start)) where.start = job.dataset.start;
        frame.classList.add("sc-busy");
        htmx.ajax("POST", frame.dataset.moveUrl, {
            target: frame,
            swap: "outerHTML",
            headers: { "X-CSRFToken": frame.dataset.token },
            values: { job: number, seen: job.dataset.seen, address: frame.dataset.address, ...where },
        }).then(() => board()?.querySelector(`[data-job="${CSS.escape(number)}"]`)?.focus());
    };

    // Where on the track the pointer let go, minus where it had taken hold of the job: in quarter hours.
    const minutesAt = (track, event) => {
        const frame = board();
        const first = Number(frame.dataset.first), last = Number(frame.dataset.last), snap = Number(frame.dataset.snap);
        const box = track.getBoundingClientRect();
        const share = (event.clientX - (dragged?.grip || 0) - box.left) / box.width;
        const minutes = Math.round((first + share * (last - first)) / snap) * snap;
        return Math.max(first, Math.min(last - snap, minutes));
    };

    document.addEventListener("dragstart", (event) => {
        const job = event.target.closest?.(".sc-job[draggable]");
        if (!job || !movable()) return;
        const onTrack = job.closest(".sc-track");
        dragged = { job, grip: onTrack ? event.clientX - job.getBoundingClientRect().left : 0 };
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", job.dataset.job);
        job.classList.add("sc-dragged");
    });

    document.addEventListener("dragend", () => {
        dragged?.job.classList.remove("sc-dragged");
        document.querySelectorAll(".sc-over").forEach((place) => place.classList.remove("sc-over"));
        dragged = null;
    });

    document.addEventListener("dragover", (event) => {
        const place = dragged && event.target.closest?.("[data-drop], [data-drop-waiting]");
        document.querySelectorAll(".sc-over").forEach((other) => other !== place && other.classList.remove("sc-over"));
        if (!place) return;
        event.preventDefault();
        place.classList.add("sc-over");
    });

    document.addEventListener("drop", (event) => {
        const place = dragged && event.target.closest?.("[data-drop], [data-drop-waiting]");
        if (!place) return;
        event.preventDefault();
        const { job } = dragged;
        if (place.hasAttribute("data-drop-waiting")) {
            if (job.dataset.start) send(job, { to: "waiting" });
            return;
        }
        const onDay = board().dataset.view === "day";
        const minutes = onDay ? minutesAt(place, event) : minutesOf(job.dataset.start) ?? 8 * 60;
        send(job, { to: "slot", worker: place.dataset.worker, start: `${place.dataset.day}T${clock(minutes)}` });
    });

    const nextDay = (day, step) => {
        const moved = new Date(`${day}T12:00`);
        moved.setDate(moved.getDate() + step);
        return `${moved.getFullYear()}-${pad(moved.getMonth() + 1)}-${pad(moved.getDate())}`;
    };

    const moveByKey = (job, key) => {
        const place = job.closest("[data-drop]");
        const onDay = board().dataset.view === "day";
        if (!place) {
            // From what waits, to the first worker's row at eight.
            const first = board().querySelector("[data-drop]");
            if (first && ["ArrowLeft", "ArrowUp"].includes(key)) {
                send(job, { to: "slot", worker: first.dataset.worker, start: `${first.dataset.day}T08:00` });
            }
            return;
        }
        const minutes = minutesOf(job.dataset.start) ?? 8 * 60;
        const snap = Number(board().dataset.snap);
        if (key === "ArrowLeft" || key === "ArrowRight") {
            const step = key === "ArrowRight" ? 1 : -1;
            const day = onDay ? place.dataset.day : nextDay(place.dataset.day, step);
            const at = onDay ? Math.max(0, Math.min(24 * 60 - snap, minutes + step * snap)) : minutes;
            send(job, { to: "slot", worker: place.dataset.worker, start: `${day}T${clock(at)}` });
            return;
        }
        const rows = [...board().querySelectorAll("[data-drop]")].filter((row) => row.dataset.day === place.dataset.day);
        const other = rows[rows.indexOf(place) + (key === "ArrowDown" ? 1 : -1)];
        if (other) send(job, { to: "slot", worker: other.dataset.worker, start: `${place.dataset.day}T${clock(minutes)}` });
    };

    document.addEventListener("keydown", (event) => {
        const job = event.target.closest?.(".sc-job[draggable]");
        if (!job || !movable()) return;
        if (event.altKey && event.key.startsWith("Arrow")) {
            event.preventDefault();
            moveByKey(job, event.key);
        } else if (event.altKey && event.key === "Delete" && job.dataset.start) {
            event.preventDefault();
            send(job, { to: "waiting" });
        } else if ((event.key === "Enter" || event.key === " ") && event.target === job) {
            event.preventDefault();
            htmx.trigger(job, "open");
        }
    });

    document.addEventListener("click", (event) => {
        const job = event.target.closest?.(".sc-job[draggable]");
        if (job && !event.target.closest("a")) htmx.trigger(job, "open");
    });

    // What others do appears by itself, unless somebody is in the middle of something.
    setInterval(() => {
        const busy = dragged || document.visibilityState !== "visible" || board()?.contains(document.activeElement);
        const dialog = document.getElementById("modal-content");
        if (!busy && board() && !dialog?.offsetParent) htmx.trigger(board(), "refresh");
    }, 30000);
})();
