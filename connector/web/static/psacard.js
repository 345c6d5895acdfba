// A ticket stays open for hours, and its card must not go stale beside it. Without this script the card is as
// of when the ticket was loaded, and says so.
"use strict";
const EVERY = 60_000;

async function renew() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store", credentials: "omit" });
    if (answer.status === 429 || answer.status >= 500) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (fresh && !document.querySelector("main").contains(document.activeElement)) {
      document.querySelector("main").replaceWith(fresh);
    }
  } catch {
    // the connector is out of reach: the card keeps saying as of when it is
  }
}

setInterval(renew, EVERY);
document.addEventListener("visibilitychange", renew);
