// Keeps parts of a page up to date: an element with data-live="URL" shows what URL answers, again every two seconds,
// until the answer says that nothing will change any more (a header X-Done). Without scripts it stays as it was sent.
"use strict";

const PAUSE = 2000;
const timers = new WeakMap();

async function refresh(element) {
  try {
    const response = await fetch(element.dataset.live, { headers: { Accept: "text/html" }, redirect: "error" });
    if (response.ok) {
      const open = [...element.querySelectorAll("details[open]")].map((each) => each.id);
      element.innerHTML = await response.text();
      for (const id of open) if (id) document.getElementById(id)?.setAttribute("open", "");
    }
    if (response.headers.has("X-Done")) return;
  } catch {
    // the server is away, or the login is over: what is shown stays
  }
  later(element);
}

function later(element) {
  clearTimeout(timers.get(element)); // of one that was refreshed out of turn
  timers.set(
    element,
    setTimeout(() => (document.hidden ? later(element) : refresh(element)), PAUSE),
  );
}

for (const element of document.querySelectorAll("[data-live]")) later(element);
