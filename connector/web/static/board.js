// Keeps the board live: the server says when it changed, we fetch the new one. Without this file the
// page reloads itself every 15 seconds.
"use strict";

const board = document.getElementById("board");
const lost = document.getElementById("lost");
const shown = () => board.firstElementChild?.dataset.version;
let busy = false;
let wanted = false;

async function reload() {
  wanted = true;
  if (busy || document.hidden) return;
  busy = true;
  try {
    while (wanted) {
      wanted = false;
      const answer = await fetch("board/fragment" + location.search, { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      const focused = board.contains(document.activeElement) && document.activeElement.id;
      const open = [...board.querySelectorAll("details[open]")].map((each) => each.id);
      board.innerHTML = html;
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    }
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  } finally {
    busy = false;
  }
}

const events = new EventSource("events");
events.addEventListener("changed", (event) => {
  if (event.data !== shown()) reload();
});
events.onerror = () => { lost.hidden = false; };
events.onopen = () => { lost.hidden = true; };

setInterval(reload, 15000); // so that ages stay true, and a server that went away is noticed
document.addEventListener("visibilitychange", () => { if (!document.hidden) reload(); });
