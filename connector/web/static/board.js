// Keeps a board live: the server says when what we show is old, we fetch it anew. Without this file the
// page reloads itself. Loaded by the board and by the wallboard.
"use strict";

const board = document.getElementById("board");
const lost = document.getElementById("lost");
const said = document.getElementById("said");
const query = board.dataset.query ? "?" + board.dataset.query : "";
const shown = () => board.firstElementChild?.dataset.version;
const SILENCE = 30000; // three pulses
const RETRY = 5000;

let stream = null;
let heard = Date.now();
let serverNow = Date.parse(board.firstElementChild?.dataset.now); // the server's clock, when we heard from it last
let turns = {};
let wanted = "";
let busy = false;
let trouble = "";
let counted = board.firstElementChild?.dataset.said;

// ── what the server tells ──────────────────────────────────────────────────────────────────────

function listen() {
  stream?.close();
  stream = new EventSource("events" + query);
  stream.addEventListener("pulse", (event) => {
    const told = JSON.parse(event.data);
    heard = Date.now();
    serverNow = Date.parse(told.now);
    turns = told.turns;
    tick();
    judge();
  });
  stream.addEventListener("changed", (event) => {
    heard = Date.now();
    if (event.data !== shown()) fetchPart(event.data);
    judge();
  });
  stream.onerror = () => { // the browser tries again by itself, unless it was sent away
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, RETRY + Math.random() * RETRY);
  };
}

async function fetchPart(version) {
  wanted = version;
  if (busy) return;
  busy = true;
  try {
    while (wanted) {
      wanted = "";
      const answer = await fetch(board.dataset.part + query, { cache: "no-store" });
      trouble = answer.status === 401 || answer.status === 403 ? "You are no longer signed in. Load the page again." : "";
      if (!answer.ok && answer.status !== 503) throw new Error(String(answer.status));
      show(await answer.text());
    }
  } catch {
    setTimeout(() => { if (shown() !== version && !document.hidden) fetchPart(version); }, RETRY);
  } finally {
    busy = false;
    judge();
  }
}

// ── what is seen ───────────────────────────────────────────────────────────────────────────────

function show(html) {
  const zones = new Map([...board.querySelectorAll("[data-key]")].map((row) => [row.dataset.key, row.dataset.zone]));
  const refocus = focusKeeper();
  const open = [...board.querySelectorAll("details[open]")].map((each) => each.id);
  const place = document.getElementById("wall-list")?.scrollTop;
  board.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  refocus()?.focus({ preventScroll: true });
  if (place) document.getElementById("wall-list")?.scrollTo(0, place);
  for (const row of board.querySelectorAll("[data-key]")) mark(row, zones);
  serverNow = Math.max(serverNow, Date.parse(board.firstElementChild?.dataset.now) || 0);
  const counts = board.firstElementChild?.dataset.said;
  if (counts !== counted) said.textContent = counted = counts;
  tick();
}

const FRAMED = 8000; // ms, as in board.css
const moved = new Map(); // when its zone last changed, by a row's key

function mark(row, zones) { // a row whose zone changed is framed for a while, whatever is shown meanwhile
  const key = row.dataset.key;
  if (zones.size && zones.get(key) !== row.dataset.zone) moved.set(key, Date.now());
  const age = Date.now() - moved.get(key);
  if (!(age < FRAMED)) return moved.delete(key);
  row.classList.add("moved");
  row.firstElementChild.style.animationDelay = `-${age}ms`;
}

function focusKeeper() { // how to find what has the focus, once everything is new
  const active = document.activeElement;
  if (!board.contains(active)) return () => null;
  const row = active.closest("[data-key]");
  if (!row) return () => document.getElementById(active.id);
  const place = [...row.querySelectorAll("a")].indexOf(active);
  return () => board.querySelector(`[data-key="${CSS.escape(row.dataset.key)}"]`)?.querySelectorAll("a")[place];
}

function span(ms) { // as words.span
  const seconds = Math.floor(ms / 1000);
  for (const [unit, size, upTo] of [["s", 1, 90], ["min", 60, 5400], ["h", 3600, 172800]]) {
    if (seconds < upTo) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return `${Math.floor(seconds / 86400)} d`;
}

function number(value) { // as words.minutes
  return value.toLocaleString("en").replace("-", "−").replaceAll(",", "\u202f");
}

function tell(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick() { // ages and what is left, by the server's clock
  const clock = new Date(serverNow).toISOString();
  for (const each of board.querySelectorAll("time")) {
    const at = Date.parse(each.dateTime);
    if ("left" in each.dataset) tell(each, number(Math.floor((at - serverNow) / 60000)));
    else if ("until" in each.dataset) tell(each, at >= serverNow ? `in ${span(at - serverNow)}` : `${span(serverNow - at)} over`);
    else if ("now" in each.dataset) tell(each, clock.slice(11, each.dataset.now === "minutes" ? 16 : 19));
    else if (turns[each.dataset.turn]) {
      const turned = Date.parse(turns[each.dataset.turn]);
      tell(each, turned < serverNow ? `${span(serverNow - turned)} ago` : "now");
    }
  }
}

function judge() { // is what we show still true?
  const silent = Date.now() - heard;
  const old = silent > SILENCE && !document.hidden;
  const since = new Date(serverNow).toISOString().slice(11, 19);
  tell(lost, trouble || (old ? `This is old: px-connector has said nothing for ${span(silent)}. What you see is from ${since} UTC.` : ""));
  lost.hidden = !trouble && !old;
  document.documentElement.classList.toggle("is-old", !lost.hidden);
}

// ── begin ──────────────────────────────────────────────────────────────────────────────────────

document.addEventListener("visibilitychange", () => { // a hidden tab holds no line: browsers have few of them
  if (document.hidden) stream?.close();
  else {
    heard = Math.max(heard, Date.now() - SILENCE + RETRY);
    listen();
  }
});
setInterval(judge, 1000);
if (!document.hidden) listen();
