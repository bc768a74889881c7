// Uploads: a file can be dropped, its first rows are shown, and it is sent with a progress bar. Without this script the
// form does the same in one step, without a preview.
"use strict";

const form = document.getElementById("upload");
const file = document.getElementById("file");
const kind = document.getElementById("kind");
const preview = document.getElementById("preview");
const outcome = document.getElementById("outcome");
const sending = document.getElementById("sending");
const HEAD_BYTES = 64 * 1024;
const MAX_PREVIEW_BYTES = 8 * 1024 * 1024;

for (const element of document.querySelectorAll(".script-only")) element.hidden = false;
showFields();
kind.addEventListener("change", showFields);
file.addEventListener("change", look);

// Green Button files never name their project, files of one household's readings need not; only some weather files do not
// name their station.
function showFields() {
  const isGreenButton = kind.value === "greenbutton";
  const isEnergy = kind.value === "energy";
  document.getElementById("for-project").hidden = !isGreenButton && !isEnergy;
  document.getElementById("for-gas").hidden = !isGreenButton && !isEnergy;
  document.getElementById("for-energy").hidden = !isEnergy;
  document.getElementById("project").required = isGreenButton;
  const station = document.getElementById("for-station");
  if (station) station.hidden = !["weather", "normals"].includes(kind.value);
}

// A server that refuses a file while it is being sent hangs up, and its reason is lost.
function checkSize() {
  const isTooLarge = file.files[0]?.size > form.dataset.maxMb * 2 ** 20;
  file.setCustomValidity(isTooLarge ? `A file may have up to ${form.dataset.maxMb} MB.` : "");
  file.reportValidity();
}

async function look() {
  preview.textContent = "";
  outcome.textContent = "";
  checkSize();
  if (!file.files.length) return;
  preview.innerHTML = await previewOf(file.files[0].slice(0, HEAD_BYTES));
  // the beginning of a workbook says nothing
  if (preview.querySelector("[data-whole]") && file.files[0].size <= MAX_PREVIEW_BYTES)
    preview.innerHTML = await previewOf(file.files[0]);
  const known = preview.querySelector("[data-kind]")?.dataset.kind;
  if (known && kind.querySelector(`[value="${known}"]`)) kind.value = known;
  showFields();
}

async function previewOf(content) {
  const response = await fetch(form.dataset.preview, {
    method: "POST",
    body: content,
    headers: { "X-CSRF-Token": form.elements.csrf_token.value, "Content-Type": "application/octet-stream" },
  });
  return response.ok ? await response.text() : "";
}

const drop = document.querySelector(".drop");
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name !== "drop" || !event.dataTransfer.files.length) return;
    file.files = event.dataTransfer.files;
    look();
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.submitter);
});

function send(button) {
  const said = sending.querySelector("p");
  const bar = sending.querySelector("progress");
  const buttons = form.querySelectorAll("button");
  const data = new FormData(form, button); // before the buttons are disabled, which leaves them out
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("X-CSRF-Token", form.elements.csrf_token.value);
  request.upload.onprogress = ({ loaded, total }) => {
    bar.value = (100 * loaded) / total;
    said.textContent = `Sending: ${Math.floor(bar.value)} %`;
  };
  request.upload.onload = () => {
    bar.removeAttribute("value");
    said.textContent = button.value === "load" ? "Storing …" : "Checking …";
  };
  request.onloadend = () => {
    sending.hidden = true;
    for (const each of buttons) each.disabled = false;
    if (request.responseText) outcome.innerHTML = answerOf(request);
    else outcome.textContent = "The server did not answer. Sending the file again changes nothing of what it has stored.";
    // what an error asks for may be in there
    if (outcome.querySelector("[role=alert]")) document.getElementById("for-energy").open = true;
    // a load that goes on is watched, by live.js
    outcome.querySelectorAll("[data-live]").forEach(later);
    refresh(document.getElementById("loads"));
    outcome.focus();
  };
  outcome.textContent = "";
  said.textContent = "Sending";
  bar.value = 0;
  sending.hidden = false;
  for (const each of buttons) each.disabled = true;
  request.send(data);
}

// What became of the file; of a page that reports an error, its middle.
function answerOf(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  return (page.querySelector("main") ?? page.body).innerHTML;
}
