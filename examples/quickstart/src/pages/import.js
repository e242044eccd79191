// Asks for the card of the import again while the import runs.
"use strict";

async function follow() {
  const card = document.getElementById("import");
  if (card?.dataset.state !== "running") return;
  const answer = await fetch("/import");
  if (!answer.ok) return;
  card.outerHTML = await answer.text();
  setTimeout(follow, 300);
}

follow();
