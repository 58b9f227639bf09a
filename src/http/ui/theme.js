// The colours that were chosen, before anything is painted. Light or dark follows the device
// unless the menu of the chat chose one; the choice is kept in this browser.
"use strict";

try {
  const chosen = localStorage.getItem("dialogdesk.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // A browser that keeps nothing shows the colours of the device.
}
