// Scrolls the wallboard's list: slowly down, a rest, and up again. It stands still for whoever asks the
// system for less motion, points at it, or presses the button.
"use strict";

const PER_SECOND = 24; // pixels
const REST = 6000;
const hold = document.getElementById("hold");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let held = false;
let resting = performance.now() + REST;
let before = performance.now();
let place = 0;

function step(now) {
  const list = document.getElementById("wall-list");
  const moving = list && !held && !calm.matches && !list.matches(":hover, :focus");
  if (moving && now > resting) {
    if (Math.abs(place - list.scrollTop) > 2) place = list.scrollTop; // somebody else scrolled it
    const end = list.scrollHeight - list.clientHeight;
    if (end > 0 && place >= end - 1) {
      place = 0;
      resting = now + REST;
      list.scrollTo({ top: 0 });
    } else if (end > 0) {
      place = Math.min(end, place + ((now - before) * PER_SECOND) / 1000);
      list.scrollTop = place;
      if (place >= end - 1) resting = now + REST;
    }
  }
  before = now;
  requestAnimationFrame(step);
}

hold.hidden = calm.matches;
hold.addEventListener("click", () => {
  held = !held;
  hold.textContent = held ? "Go on scrolling" : "Stop scrolling";
});
requestAnimationFrame(step);
